// Choosing some of many: who is looked for is shown while one types, and whoever is ticked stays ticked.
// The rows come from the server, as the form's own buttons would bring them; without scripts those do it.

const WAIT_MS = 200;

const plain = (text) => text.normalize("NFKC").replace(/[\s·•・‧]/gu, "").toLowerCase();

function begin(form) {
  const finder = form.querySelector("[data-choose-find]");
  const kept = form.querySelector("[data-choose-kept]");
  const input = finder && finder.querySelector("input[type=search]");
  const shown = () => form.querySelector("[data-choose-shown]");
  const rows = () => [...shown().querySelectorAll("[data-who]")];
  const boxes = (part) => [...part.querySelectorAll('input[type="checkbox"][name], input[type="radio"][name]')];
  const keyOf = (box) => `${box.name}:${box.value}`;
  let asked = 0;

  // All are on the page: found while one types, without asking.
  function findHere(text) {
    const wanted = plain(text);
    let found = 0;
    for (const row of rows()) {
      row.hidden = wanted !== "" && !plain(row.dataset.who).includes(wanted);
      found += row.hidden ? 0 : 1;
    }
    const none = shown().querySelector("[data-none]");
    if (none) none.hidden = found > 0;
    form.toggleAttribute("data-finding", wanted !== "");
  }

  function countKept() {
    const count = boxes(kept).filter((box) => box.checked).length;
    const words = kept.querySelector("[data-choose-count]");
    kept.hidden = boxes(kept).length === 0;
    words.textContent = words.dataset.words.replace("{n}", count);
  }

  function keep(box) {
    const line = kept.querySelector("[data-choose-line]").content.firstElementChild.cloneNode(true);
    const copy = line.querySelector("input");
    const word = line.querySelector("label");
    copy.type = box.type;
    copy.name = box.name;
    copy.value = box.value;
    copy.id = `kept-${box.name}-${box.value}`;
    copy.dataset.label = box.dataset.label;
    word.htmlFor = copy.id;
    word.textContent = box.dataset.label;
    kept.querySelector("ul").append(line);
  }

  // The rows that came take the place of those shown; ticks move along.
  function show(part) {
    const before = new Map();
    for (const box of [...boxes(kept), ...boxes(shown())]) before.set(keyOf(box), box);
    const fresh = new Set();
    for (const box of boxes(part)) {
      const old = before.get(keyOf(box));
      box.checked = Boolean(old && old.checked);
      fresh.add(keyOf(box));
    }
    for (const box of boxes(kept)) if (fresh.has(keyOf(box)) || !box.checked) box.closest("li").remove();
    for (const box of boxes(shown())) if (box.checked && !fresh.has(keyOf(box))) keep(box);
    shown().replaceWith(part);
    countKept();
    document.dispatchEvent(new Event("ticks-changed"));
  }

  async function ask(look) {
    const number = ++asked;
    const address = new URL(form.action);
    for (const field of finder.querySelectorAll("input[name], select[name]")) {
      if (field.value) address.searchParams.set(field.name, field.value);
    }
    if (/^\d+$/.test(look)) address.searchParams.set("page", look);
    const trouble = finder.querySelector("[data-choose-trouble]");
    const slow = setTimeout(() => shown().setAttribute("aria-busy", "true"), 300);
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = page.querySelector("[data-choose-shown]");
      if (!part) throw new Error("signed out");
      if (number !== asked) return false; // a later question is on its way
      show(document.adoptNode(part));
      form.toggleAttribute("data-finding", input.value.trim() !== "");
      trouble.hidden = true;
      return true;
    } catch {
      if (number === asked) trouble.hidden = false;
      return false;
    } finally {
      clearTimeout(slow);
      if (number === asked) shown().removeAttribute("aria-busy");
    }
  }

  const first = () => rows().find((row) => !row.hidden && row.querySelector("input, button"));
  const reach = (row) => {
    const inside = row && (row.querySelector("[data-at-once]:not([hidden])") || row.querySelector("input, button"));
    if (inside && inside.offsetParent === null) row.querySelector("input").focus();
    else if (inside) inside.focus();
  };

  if (input) {
    const isWhole = finder.hasAttribute("data-whole");
    let waiting = 0;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      if (isWhole) findHere(input.value);
      else waiting = setTimeout(() => ask("find"), WAIT_MS);
    });
    input.addEventListener("keydown", async (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // who is found takes the focus: Enter or the space bar then says that they came
      clearTimeout(waiting);
      if (isWhole || (await ask("find"))) reach(first());
    });
    for (const select of finder.querySelectorAll("select")) select.addEventListener("change", () => ask("find"));
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=look]");
    if (!button || button.value === "tick" || !input) return;
    event.preventDefault();
    if (button.value === "all") input.value = "";
    if (finder.hasAttribute("data-whole") && !/^\d+$/.test(button.value)) findHere(input.value);
    else ask(button.value).then((done) => done && /^\d+$/.test(button.value) && form.scrollIntoView());
  });
  kept.addEventListener("change", countKept);

  // j and k go from row to row, the space bar ticks, a stroke looks for somebody.
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "/" && input) {
      event.preventDefault();
      input.focus();
      input.select();
      return;
    }
    const step = { j: 1, k: -1 }[event.key];
    if (!step) return;
    const there = rows().filter((row) => !row.hidden && row.querySelector("input"));
    const at = there.indexOf(event.target.closest("[data-who]"));
    const next = there[at < 0 ? 0 : Math.min(Math.max(at + step, 0), there.length - 1)];
    if (next) next.querySelector("input").focus();
  });
}

for (const form of document.querySelectorAll("form[data-choose]")) begin(form);
