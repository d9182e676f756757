// The lists of the staff's side: they narrow while one types, rows are chosen in stretches. (Keys: keys.js.)
// Nothing here is needed: without scripts the same form is sent, the same boxes are ticked, the same links are pressed.

const WAIT_MS = 250;
const SLOW_MS = 300;

document.querySelectorAll("[data-listing]").forEach(begin);

function begin(root) {
  const listing = { root, chosen: new Set(), last: null };
  root.classList.add("listing-live");
  for (const box of boxesOf(root)) if (box.checked) listing.chosen.add(box.value);
  root.addEventListener("click", (event) => stretch(listing, event));
  root.addEventListener("change", (event) => choose(listing, event.target));
  narrowing(listing, root.querySelector("[data-listing-form]"));
  dress(listing);
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
    const isThere = listing.shows === addressOf(form); // while one typed: the next key is for the rows already
    if (isThere || (await narrow(listing, form))) listing.root.dispatchEvent(new CustomEvent("narrowed", { bubbles: true }));
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
  listing.shows = null;
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
    listing.shows = address;
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
