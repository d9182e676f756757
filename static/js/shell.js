// How much waits, beside 待办. Without scripts the page of 待办 says it.

const mark = document.querySelector("[data-todo-count]");

async function count() {
  const answer = await fetch(mark.dataset.todoCount, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { count: n } = await answer.json();
  mark.textContent = mark.dataset.words.replace("{n}", n);
  mark.hidden = n === 0;
}

if (mark) count().catch(() => {}); // no network: no number

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
