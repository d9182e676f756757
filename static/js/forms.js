// Forms: labels follow the answers that make a field needed; a form that was sent is not sent again by a second press.
// Nothing here is needed: without it the labels say the condition, and the server answers the second press quietly.

const SENT_MS = 8000; // then an answer is no longer expected, and a press is meant

const partOf = (field) => field.name.slice(0, field.name.lastIndexOf("-") + 1);

// The answers to a question: in the same part of the form, else in any part of it.
function answersTo(form, name, near) {
  const all = [...form.elements].filter((one) => one.name === name || one.name?.endsWith(`-${name}`));
  const beside = all.filter((one) => one.name === partOf(near) + name);
  return (beside.length ? beside : all).flatMap((one) => {
    if (["radio", "checkbox"].includes(one.type)) return one.checked ? [one.value || "on"] : [];
    return [one.value.trim()];
  });
}

function follow(mark) {
  const { neededBy, neededAmong } = mark.dataset;
  const label = mark.closest("label, legend");
  const field = label.control || label.closest("fieldset")?.querySelector("input");
  if (!neededBy || !field?.form) return;
  const given = answersTo(field.form, neededBy, field);
  const wanted = neededAmong.split(" ").filter(Boolean);
  const asksNothing = mark.hasAttribute("data-needed-none");
  const is = asksNothing ? given.every((one) => !one) : given.some((one) => (wanted.length ? wanted.includes(one) : one));
  mark.classList.toggle("is-needed", is);
  mark.querySelector("[data-then]").hidden = !is;
  mark.querySelector("[data-else]").hidden = is;
}

const marks = [...document.querySelectorAll("[data-needed-by]")];
if (marks.length) {
  for (const kind of ["change", "input"]) document.addEventListener(kind, () => marks.forEach(follow));
  marks.forEach(follow);
}

// Pressed twice is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  const last = Number(form.dataset.sentAt || 0);
  if (last && Date.now() - last < SENT_MS && form.dataset.sentBy === (event.submitter?.value ?? "")) {
    event.preventDefault();
    return;
  }
  form.dataset.sentAt = Date.now();
  form.dataset.sentBy = event.submitter?.value ?? "";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sentAt;
});
