// Long forms save what was typed by themselves: a while after typing stops, and when the page is left. The server keeps
// it (webapp/core/drafting.py) and offers it when the form is opened again. Without this script nothing is promised.

const WAIT_MS = 2500;
const AGAIN_MS = 15000; // after a save that failed
const MOST_OFTEN_MS = 20000; // while somebody writes without a pause

function watch(line) {
  const form = line.closest("form");
  const hidden = (name) => form.querySelector(`input[name="${name}"]`);
  let timer = 0;
  let lastSave = Date.now();
  let dirty = line.hasAttribute("data-typed");
  let isSent = false;
  let isFailing = false; // the server has not what stands here
  let saving = null; // the request under way

  const say = (text, isBad = false) => {
    line.textContent = text;
    line.hidden = false;
    line.classList.toggle("is-bad", isBad);
    if (isBad) line.setAttribute("role", "status");
    else line.removeAttribute("role"); // each save is not read aloud
  };

  function body() {
    const fields = [];
    const secret = new Set([...form.elements].filter((one) => one.type === "password").map((one) => one.name));
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && !secret.has(name)) fields.push([name, value]);
    }
    return new URLSearchParams({
      csrf_token: hidden("csrf_token").value,
      address: line.dataset.address,
      page: hidden("draft_page").value,
      writer: hidden("draft_writer").value,
      based: hidden("draft_based").value,
      fields: JSON.stringify(fields),
    });
  }

  async function send() {
    saving = new AbortController();
    const asked = { method: "POST", body: body(), headers: { Accept: "application/json" }, signal: saving.signal };
    return fetch(line.dataset.draft, asked);
  }

  async function freshToken() {
    const page = await (await fetch("/help", { cache: "no-store" })).text();
    const found = new DOMParser().parseFromString(page, "text/html").querySelector('input[name="csrf_token"]');
    hidden("csrf_token").value = found.value;
  }

  async function save() {
    clearTimeout(timer);
    if (isSent || saving) return;
    dirty = false;
    lastSave = Date.now();
    let wait = 0;
    try {
      let answer = await send();
      if (answer.status === 400) {
        await freshToken(); // the page was open for long
        answer = await send();
      }
      if (answer.ok) {
        const { page, said } = await answer.json();
        hidden("draft_page").value = page;
        isFailing = false;
        say(said);
      } else {
        const words = { 401: line.dataset.signIn, 413: line.dataset.large };
        say(words[answer.status] || line.dataset.failed, true);
        isFailing = true;
        wait = answer.status === 413 ? 0 : AGAIN_MS;
      }
    } catch {
      if (!isSent) say(line.dataset.failed, true);
      isFailing = true;
      wait = AGAIN_MS;
    }
    saving = null;
    if (wait) dirty = true;
    if (dirty) later(wait || WAIT_MS);
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  }

  function leave() {
    // A save under way ends with its page: what it carried is sent once more.
    if ((dirty || saving) && !isSent && navigator.sendBeacon(line.dataset.draft, body())) dirty = false;
  }

  const changed = (event) => {
    if (event.target.type === "hidden" || event.target.type === "file") return;
    dirty = true;
    later(Date.now() - lastSave > MOST_OFTEN_MS ? 0 : WAIT_MS);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  document.addEventListener("submit", (event) => {
    if (event.target !== form || event.defaultPrevented) return;
    if (!navigator.onLine) {
      event.preventDefault(); // the browser's own page of this would take what was typed with it
      say(line.dataset.offline, true);
      return;
    }
    isSent = true; // the server decides now: a late save must not bring back what it took
    clearTimeout(timer);
    saving?.abort();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) isSent = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isFailing && dirty && !isSent) event.preventDefault(); // the browser asks before it is lost
  });
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && dirty) save();
  });
  window.addEventListener("online", () => dirty && save());
  if (dirty) {
    save(); // the answer to a form that was sent: no address leads to what stands on it
    // Back and reload then open the form, which offers the draft.
    if (line.hasAttribute("data-opens")) history.replaceState(history.state, "", location.href);
  }
}

for (const line of document.querySelectorAll("[data-draft]")) watch(line);
