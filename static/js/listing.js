// The lists of the staff's side: they narrow while one types, rows are chosen in stretches and walked through with keys.
// Nothing here is needed: without scripts the same form is sent, the same boxes are ticked, the same links are pressed.

const WAIT_MS = 250;
const SLOW_MS = 300;
const OFF = "kepu-list-keys"; // kept where somebody does not want keys

const listings = [...document.querySelectorAll("[data-listing]")].map(begin);

function begin(root) {
  const listing = { root, chosen: new Set(), last: null };
  root.classList.add("listing-live");
  for (const box of boxesOf(root)) if (box.checked) listing.chosen.add(box.value);
  root.addEventListener("click", (event) => stretch(listing, event));
  root.addEventListener("change", (event) => choose(listing, event.target));
  narrowing(listing, root.querySelector("[data-listing-form]"));
  dress(listing);
  return listing;
}

function boxesOf(root) {
  return [...root.querySelectorAll('input[type="checkbox"][name="row"]')];
}

// --- narrowing

function narrowing(listing, form) {
  if (!form) return;
  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => narrow(listing, form), WAIT_MS);
  };
  form.addEventListener("input", (event) => {
    if (event.target.type === "search" && !event.isComposing) soon(); // pinyin being typed is no word yet
  });
  form.addEventListener("compositionend", soon);
  form.addEventListener("change", (event) => {
    if (event.target.type !== "search") soon();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    if (await narrow(listing, form)) move(listing, 1);
  });
}

function addressOf(form) {
  const words = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") words.append(name, value);
  const path = form.getAttribute("action");
  return String(words) === "" ? path : `${path}?${words}`;
}

async function narrow(listing, form) {
  const address = addressOf(form);
  const found = listing.root.querySelector("[data-listing-found]");
  if (listing.asking) listing.asking.abort();
  const asking = (listing.asking = new AbortController());
  const slow = setTimeout(() => found.setAttribute("aria-busy", "true"), SLOW_MS);
  try {
    const answer = await fetch(address, { signal: asking.signal, headers: { Accept: "text/html" } });
    if (answer.redirected || !answer.ok) return leave(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(`#${listing.root.id} > [data-listing-found]`);
    if (!fresh) return leave(address);
    found.replaceWith(document.importNode(fresh, true));
    history.replaceState(null, "", address);
    dress(listing);
    say(listing);
    return true;
  } catch (fault) {
    if (fault.name === "AbortError") return false; // something newer is asked for
    return leave(address); // the browser says what is wrong
  } finally {
    clearTimeout(slow);
    found.removeAttribute("aria-busy");
  }
}

function leave(address) {
  window.location.assign(address);
  return false;
}

function say(listing) {
  const count = listing.root.querySelector("[data-listing-count]");
  const none = listing.root.querySelector(".empty-title");
  listing.root.querySelector("[data-listing-said]").textContent = (none || count || { textContent: "" }).textContent;
}

// --- choosing

// What only scripts do is shown, and what was chosen before stays so, also those not in sight.
function dress(listing) {
  const { root, chosen } = listing;
  const keys = root.querySelector("[data-listing-keys]");
  if (keys) keys.hidden = false;
  const on = root.querySelector("[data-listing-keys-on]");
  if (on) on.checked = keysAreOn();
  const page = root.querySelector("[data-choose-page]");
  if (page) page.hidden = false;
  const bar = root.querySelector("[data-listing-bar]");
  if (!bar) return;
  const boxes = boxesOf(root);
  const shown = new Set(boxes.map((box) => box.value));
  for (const box of boxes) box.checked = chosen.has(box.value);
  for (const id of chosen) {
    if (shown.has(id)) continue;
    const kept = document.createElement("input");
    kept.type = "hidden";
    kept.name = "row";
    kept.value = id;
    bar.append(kept);
  }
  tell(listing);
}

function choose(listing, box) {
  const { root, chosen } = listing;
  if (box.matches("[data-listing-keys-on]")) return setKeys(box.checked);
  const everything = root.querySelector('[name="everything"]');
  if (box.matches("[data-choose-page]")) {
    for (const one of boxesOf(root)) set(listing, one, box.checked);
  } else if (box.name === "row") {
    set(listing, box, box.checked);
    if (everything && !box.checked) everything.checked = false;
  } else if (box === everything) {
    for (const one of boxesOf(root)) set(listing, one, box.checked);
    if (!box.checked) chosen.clear();
  }
  tell(listing);
}

function set(listing, box, isOn) {
  box.checked = isOn;
  if (isOn) listing.chosen.add(box.value);
  else listing.chosen.delete(box.value);
}

// A press with Shift does to all rows since the last press what it does to this one.
function stretch(listing, event) {
  const box = event.target;
  if (box.name !== "row") return;
  const boxes = boxesOf(listing.root);
  const from = boxes.indexOf(listing.last);
  listing.last = box;
  if (!event.shiftKey || from < 0) return;
  const to = boxes.indexOf(box);
  for (const one of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) set(listing, one, box.checked);
}

function tell(listing) {
  const { root, chosen } = listing;
  const bar = root.querySelector("[data-listing-bar]");
  if (!bar) return;
  const boxes = boxesOf(root);
  const everything = bar.querySelector('[name="everything"]');
  const n = everything && everything.checked ? Number(everything.value) : chosen.size;
  for (const box of boxes) box.closest("tr").classList.toggle("is-chosen", box.checked);
  const page = root.querySelector("[data-choose-page]");
  const on = boxes.filter((box) => box.checked).length;
  page.checked = on > 0 && on === boxes.length;
  page.indeterminate = on > 0 && on < boxes.length;
  bar.classList.toggle("has-chosen", n > 0 || bar.querySelector(".listing-refused") !== null);
  const words = bar.querySelector("[data-chosen-words]");
  words.textContent = words.dataset.chosenWords.replace("{n}", n);
}

// --- keys

function keysAreOn() {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
}

function setKeys(isOn) {
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

// The list one is in, or the first of the page.
function here() {
  const within = document.activeElement && document.activeElement.closest("[data-listing]");
  return listings.find((one) => one.root === within) || listings[0];
}

function rowHere() {
  return document.activeElement && document.activeElement.closest("tr[data-row]");
}

function move(listing, by) {
  const rows = [...listing.root.querySelectorAll("tr[data-row]")];
  const now = rows.indexOf(rowHere());
  const row = now < 0 ? rows[0] : rows[now + by];
  if (!row) return;
  const at = row.querySelector(".row-head a, .listing-choose input") || row;
  if (at === row) row.tabIndex = -1;
  at.focus();
  row.scrollIntoView({ block: "nearest" });
}

function press(key) {
  const listing = here();
  const row = rowHere();
  const box = row && row.querySelector('[name="row"]');
  const link = row && row.querySelector(".row-head a");
  const search = listing.root.querySelector('input[type="search"]');
  const keys = listing.root.querySelector("[data-listing-keys]");
  if (key === "j") move(listing, 1);
  else if (key === "k") move(listing, -1);
  else if (key === "x" && box) box.click();
  else if (key === "Enter" && link && document.activeElement !== link && !document.activeElement.matches("a, button, summary")) link.click();
  else if (key === "/" && search) {
    search.focus();
    search.select();
  } else if (key === "?" && keys) {
    keys.open = !keys.open;
    keys.querySelector("summary").focus();
  } else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  if (listings.length === 0 || event.defaultPrevented || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target) || !keysAreOn()) return;
  if (press(event.key)) event.preventDefault();
});
