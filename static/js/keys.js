// Keys of one letter for who works here all day: through the rows of a page, to its search, to what is next to do.
// Nothing here is needed: each of them only puts the focus where Tab comes too, or presses what stands there.

const OFF = "kepu-list-keys"; // kept where somebody does not want keys
const ROWS = "[data-row], .todo, .work-row, .links > li, .data-table tbody tr";
const CONTROL = 'a[href], button, summary, input[type="checkbox"], input[type="radio"]';
const main = document.querySelector("main");
const sheet = document.querySelector("dialog[data-keys]");

function areOn() {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
}

function turn(isOn) {
  try {
    if (isOn) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  } catch {
    // nothing is kept in this browser
  }
}

function writes(element) {
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  return element.matches("input") && !element.matches('[type="checkbox"], [type="radio"], [type="submit"]');
}

function isShown(element) {
  return element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden" && !element.disabled;
}

function first(within, what) {
  return [...within.querySelectorAll(what)].find(isShown);
}

// --- rows

function rowsOf(within) {
  return [...within.querySelectorAll(ROWS)].filter((row) => isShown(row) && first(row, CONTROL));
}

function rowHere() {
  const found = document.activeElement?.closest(ROWS);
  return found && main.contains(found) ? found : null;
}

// After an act the page comes back with its row in the address: one goes on from there.
function placeIn(rows) {
  const here = rowHere() || document.querySelector(":target");
  if (!here) return -1;
  const own = rows.indexOf(here.closest(ROWS));
  return own < 0 ? rows.findIndex((row) => here.contains(row)) - 1 : own;
}

function move(by) {
  const rows = rowsOf(main);
  const now = placeIn(rows);
  focusOn(now < 0 ? rows[0] : rows[now + by]);
}

function focusOn(row) {
  if (!row) return;
  first(row, CONTROL).focus();
  row.scrollIntoView({ block: "nearest" });
}

// --- what is next

const isChosen = (form) => form && [...form.elements].some((one) => one.name !== "everything" && one.matches?.("tbody [type=checkbox]") && one.checked);

function act() {
  const bar = main.querySelector("[data-listing-bar].has-chosen, [data-acts]");
  if (bar && (bar.matches(".has-chosen") || isChosen(bar.closest("form")))) {
    return first(bar, ".listing-acts .btn, [type=radio], .btn");
  }
  return first(main, ".work-acts .btn-primary") || first(main, ".btn-primary") || first(main, ".work-acts .btn");
}

function everything() {
  const list = rowHere()?.closest("[data-listing], form") || main;
  return first(list, "[data-choose-page], [data-tick-all]");
}

function open(row) {
  const focused = document.activeElement;
  if (!row || focused.matches("a, button, summary")) return null;
  return first(row, ".row-head a, .row-head summary");
}

// --- keys

const ACTS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => first(rowHere() || document.createElement("p"), '[type="checkbox"]')?.click(),
  X: () => everything()?.click(),
  a: () => {
    const next = act();
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  },
  "/": () => {
    const field = first(rowHere()?.closest("[data-listing]") || main, '[type="search"]') || first(main, '[type="search"]');
    field?.focus();
    field?.select();
  },
  "?": () => sheet?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (writes(event.target) || !areOn() || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter") {
    const link = open(rowHere());
    if (!link) return;
    link.click();
  } else if (Object.hasOwn(ACTS, event.key)) ACTS[event.key]();
  else return;
  event.preventDefault();
});

// A list that was narrowed with Enter is walked through from its beginning (listing.js).
document.addEventListener("narrowed", (event) => focusOn(rowsOf(event.target)[0]));

// --- the sheet that says them

if (sheet && typeof sheet.showModal === "function") {
  const box = sheet.querySelector("[data-keys-on]");
  box.checked = areOn();
  box.addEventListener("change", () => turn(box.checked));
  sheet.querySelector("[data-keys-close]").addEventListener("click", () => sheet.close());
  sheet.addEventListener("click", (event) => {
    if (event.target === sheet) sheet.close(); // beside it
  });
  for (const button of document.querySelectorAll("[data-keys-open]")) {
    button.hidden = false;
    button.addEventListener("click", () => sheet.showModal());
  }
}
