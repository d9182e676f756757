// How much waits, beside 待办. Without scripts the page of 待办 says it. Counting asks every area, so it is asked once a
// minute, and on the pages that list it; between, what is known is shown. Known of one person's one choice, in one tab.

const mark = document.querySelector("[data-todo-count]");
const KEPT = "todo-count";
const FRESH_MS = 60_000;

// The word about the number is only heard where there is no room for it (a phone).
function show(n) {
  const words = mark.dataset.words.split("{n}").map((word) => {
    const around = document.createElement("span");
    around.className = "shell-count-word";
    around.textContent = word;
    return around;
  });
  mark.replaceChildren(words[0], n > 999 ? "999+" : String(n), words[1]);
  mark.hidden = n === 0;
}

function known() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    return kept?.of === mark.dataset.todoOf && Number.isInteger(kept.n) ? kept : null;
  } catch {
    return null; // no storage here, or something else's
  }
}

async function count() {
  const answer = await fetch(mark.dataset.todoCount, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { count: n } = await answer.json();
  show(n);
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ of: mark.dataset.todoOf, n, at: Date.now() }));
  } catch {
    // no storage: asked again on the next page
  }
}

if (mark) {
  const kept = known();
  if (kept) show(kept.n);
  const age = kept ? Date.now() - kept.at : Infinity;
  const isFresh = age >= 0 && age < FRESH_MS && !("todoListed" in mark.dataset);
  if (!isFresh) count().catch(() => {}); // no network: no number, or the last one
}

// The menu at the foot closes when something else is pressed, and with Escape.
const more = document.querySelector(".shell-more");
if (more) {
  document.addEventListener("click", (event) => {
    if (!more.contains(event.target)) more.open = false;
  });
  more.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    more.open = false;
    more.querySelector("summary").focus();
  });
}
