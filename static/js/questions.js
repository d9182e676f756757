// Hides questions that are not asked given the answer to another one. Without it they stand there with a hint, and
// the server judges all the same.

const rows = [...document.querySelectorAll("[data-shown-if]")];

function answerTo(name) {
  const fields = [...document.getElementsByName(name)];
  const ticked = fields.find((field) => ["radio", "checkbox"].includes(field.type) && field.checked);
  if (ticked) return ticked.type === "checkbox" ? "yes" : ticked.value;
  return fields.length === 1 && !["radio", "checkbox"].includes(fields[0].type) ? fields[0].value.trim() : "";
}

function show() {
  for (const row of rows) {
    const before = document.querySelector(`[data-question="${row.dataset.shownIf}"]`);
    row.hidden = Boolean(before?.hidden) || answerTo(row.dataset.shownIf) !== row.dataset.shownAnswer;
  }
}

if (rows.length) {
  document.addEventListener("change", show);
  show();
}
