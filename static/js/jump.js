// 搜索 over the page, with Ctrl K or from the navigation. Without scripts, or without network, the link leads to its page.

const WAIT_MS = 120;
const links = [...document.querySelectorAll("a[data-jump]")];
const able = typeof HTMLDialogElement === "function" && links.length > 0;
let box = null; // what was built at the first opening
let asked = 0;
let timer = 0;

async function ask(q) {
  const address = `${links[0].dataset.jump}?${new URLSearchParams({ q })}`;
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

function make(tag, given = {}, inside = []) {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) one.setAttribute(name, value);
  one.append(...inside);
  return one;
}

function build() {
  const label = links[0].textContent.trim();
  const words = { ...links[0].dataset, groups: [] };
  const field = make("input", {
    class: "form-control", type: "search", name: "q", id: "jump-q", maxlength: "80", role: "combobox",
    "aria-label": label, "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "jump-found",
    autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "go",
  });
  const close = make("button", { class: "btn btn-quiet", type: "button" }, [words.close]);
  const form = make("form", { class: "jump-form", action: links[0].href, method: "get", role: "search" }, [field, close]);
  const found = make("div", { class: "jump-found", id: "jump-found", role: "listbox", "aria-label": label });
  const says = make("p", { class: "jump-says", role: "status" }, [words.says]);
  const dialog = make("dialog", { class: "jump", "aria-label": label }, [form, says, found]);
  found.hidden = true;
  document.body.append(dialog);
  return { dialog, form, field, close, found, says, first: words, options: [], at: -1, shows: "" };
}

// --- what was found

function show(words, q) {
  box.shows = q;
  box.says.textContent = words.says;
  box.options = [];
  const groups = words.groups.map((group, number) => {
    const name = make("p", { class: "jump-name", id: `jump-name-${number}` }, [group.label]);
    const hits = group.hits.map(optionOf);
    const more = group.more ? [make("p", { class: "jump-more", role: "presentation" }, [words.more])] : [];
    return make("div", { role: "group", "aria-labelledby": name.id }, [name, ...hits, ...more]);
  });
  box.found.replaceChildren(...groups);
  box.found.hidden = groups.length === 0;
  box.field.setAttribute("aria-expanded", String(groups.length > 0));
  choose(box.options.length ? 0 : -1);
}

function optionOf(hit) {
  const option = make("a", {
    class: "jump-hit", role: "option", tabindex: "-1", href: hit.url, id: `jump-hit-${box.options.length}`,
    "aria-selected": "false",
  }, [make("span", {}, [hit.title])]);
  if (hit.note) option.append(" ", make("span", { class: "jump-note" }, [hit.note]));
  box.options.push(option);
  return option;
}

function choose(at) {
  box.options[box.at]?.setAttribute("aria-selected", "false");
  box.at = at;
  const option = box.options[at];
  if (!option) {
    box.field.removeAttribute("aria-activedescendant");
    return;
  }
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  box.field.setAttribute("aria-activedescendant", option.id);
}

async function look() {
  const q = box.field.value.trim();
  const turn = (asked += 1);
  if (!q) {
    show(box.first, "");
    return;
  }
  try {
    const words = await ask(q);
    if (turn === asked) show(words, q); // an earlier question may be answered later
  } catch {
    // No network: Enter sends the form, and the browser says what is wrong.
  }
}

// --- keys

function soon() {
  clearTimeout(timer);
  timer = setTimeout(look, WAIT_MS);
}

function press(event) {
  if (event.isComposing || event.keyCode === 229) return; // pinyin being typed: arrows and Enter choose characters
  const count = box.options.length;
  if (event.key === "ArrowDown" && count) choose((box.at + 1) % count);
  else if (event.key === "ArrowUp" && count) choose((box.at - 1 + count) % count);
  else if (event.key === "Escape") box.dialog.close(); // browsers would empty a filled field first
  else if (event.key === "Enter" && box.options[box.at] && box.shows === box.field.value.trim()) {
    box.options[box.at].click();
  } else return; // Enter before the answer is here sends the form: the page has it
  event.preventDefault();
}

function wire() {
  box.field.addEventListener("input", (event) => {
    if (!event.isComposing) soon();
  });
  box.field.addEventListener("compositionend", soon);
  box.field.addEventListener("keydown", press);
  box.close.addEventListener("click", () => box.dialog.close());
  box.dialog.addEventListener("click", (event) => {
    if (event.target === box.dialog) box.dialog.close(); // beside it
  });
  box.form.addEventListener("submit", (event) => {
    if (!box.field.value.trim()) event.preventDefault();
  });
}

function open() {
  if (!box) {
    box = build(); // at once, without asking: what is typed next belongs in the field
    wire();
  }
  if (!box.dialog.open) box.dialog.showModal();
  box.field.focus();
  box.field.select();
}

if (able) {
  document.addEventListener("keydown", (event) => {
    const isIt = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    if (!isIt || event.isComposing) return;
    event.preventDefault();
    open();
  });
  for (const link of links) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open();
    });
  }
}
