// Parts of a page that ask for themselves (htmx): say so when the server cannot be reached, so that nobody
// takes an old board for the present one.

const notes = document.querySelectorAll("[data-live-trouble]");

function show(isTrouble) {
  for (const note of notes) note.hidden = !isTrouble;
}

document.addEventListener("htmx:sendError", () => show(true));
document.addEventListener("htmx:timeout", () => show(true));
document.addEventListener("htmx:afterRequest", (event) => {
  const { status } = event.detail.xhr;
  if (status >= 500) show(true);
  else if (status > 0) show(false);
});
