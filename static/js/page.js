// Small comforts for every page. Nothing here is needed: without scripts the page does the same by hand.

const SLOW_MS = 300;

for (const input of document.querySelectorAll("input[data-copy]")) {
  input.addEventListener("focus", () => input.select());
}

for (const button of document.querySelectorAll("button[data-copy-from]")) {
  const input = document.getElementById(button.dataset.copyFrom);
  const word = button.querySelector("[data-word]");
  const before = word.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    input.select();
    try {
      await navigator.clipboard.writeText(input.value);
    } catch {
      document.execCommand("copy"); // pages without https, and WeChat's browser
    }
    word.textContent = button.dataset.done;
    setTimeout(() => (word.textContent = before), 2500);
  });
}

// Titles break between words. Engines know the words of Chinese, but not that lines should respect them; the marks
// after punctuation are in the page already.
const HAN = /\p{Script=Han}$/u;

function markWords(text, words) {
  const pieces = [];
  let before = "";
  for (const { segment, isWordLike } of words.segment(text.data)) {
    if (isWordLike && HAN.test(before) && HAN.test(segment[0])) pieces.push(document.createElement("wbr"));
    pieces.push(segment);
    before = segment;
  }
  if (pieces.some((piece) => piece.nodeType)) text.replaceWith(...pieces);
}

if (window.Intl && Intl.Segmenter) {
  const words = new Intl.Segmenter("zh", { granularity: "word" });
  for (const title of document.querySelectorAll("h1, h2, h3, .pass-name")) {
    const texts = document.createTreeWalker(title, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) found.push(texts.currentNode);
    for (const text of found) if (text.data.length > 4) markWords(text, words);
  }
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Whoever signed in on another page meanwhile has another token: that of the page as it would be now is sent.
async function freshToken() {
  const page = await (await fetch("/help", { cache: "no-store" })).text();
  return new DOMParser().parseFromString(page, "text/html").querySelector('input[name="csrf_token"]').value;
}

for (const form of document.querySelectorAll("form[data-fresh-token]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (event.submitter?.ariaBusy) return; // pressed twice
    event.submitter?.setAttribute("aria-busy", "true");
    const token = form.querySelector('[name="csrf_token"]');
    token.value = await freshToken().catch(() => token.value);
    HTMLFormElement.prototype.submit.call(form); // its fields may have any name
  });
}

// One menu is open at a time; Escape and a press elsewhere close it.
const closeMenus = (but) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== but) menu.open = false;
};
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
const STEPS = { ArrowDown: 1, ArrowUp: -1 };
document.addEventListener("keydown", (event) => {
  const menu = STEPS[event.key] && event.target.closest("details.menu[open]");
  if (!menu) return;
  const words = [...menu.querySelectorAll("summary, .menu-list a, .menu-list button")];
  words[(words.indexOf(event.target) + STEPS[event.key] + words.length) % words.length].focus();
  event.preventDefault();
});

// A slow answer is shown on the button that was pressed.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || event.defaultPrevented) return;
  setTimeout(() => button.setAttribute("aria-busy", "true"), SLOW_MS);
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});

// z takes back what was just done, where nothing is being written and keys are not turned off (keys.js).
function keysAreOff() {
  try {
    return localStorage.getItem("kepu-list-keys") !== null;
  } catch {
    return false; // nothing is kept in this browser
  }
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "z" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]") || keysAreOff()) return;
  document.querySelector(".undo-bar button[data-key='z']")?.click();
});
