// After an act in a row one is where one was: at the same height, on the act of the row that took its place. Without
// scripts the page comes back from its top.

const KEPT = "todo-place";
const FRESH_MS = 60_000;
const acts = () => [...document.querySelectorAll(".todo .btn")];

function remember(button) {
  const place = { path: location.pathname + location.search, y: scrollY, n: acts().indexOf(button), at: Date.now() };
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(place));
  } catch {
    // no storage: from the top
  }
}

function taken() {
  try {
    const place = JSON.parse(sessionStorage.getItem(KEPT));
    sessionStorage.removeItem(KEPT);
    const isHere = place?.path === location.pathname + location.search && Date.now() - place.at < FRESH_MS;
    return isHere ? place : null;
  } catch {
    return null; // no storage here, or something else's
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.closest(".todo")) remember(event.target.querySelector(".btn"));
});

const place = taken();
// What was refused says why at the top.
if (place && !document.querySelector(".notice[role=alert]")) {
  scrollTo({ top: place.y, behavior: "instant" });
  const all = acts();
  all[Math.min(place.n, all.length - 1)]?.focus({ preventScroll: true });
}
