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

// A browser that brings back what was typed, on Back, brings no hidden field back: without its number the same form would
// make the same thing twice (webapp/core/deciding.py, made_once.py). The page's place in the history keeps the numbers.
const NUMBERS = ["once", "key", "draft_page", "draft_writer", "draft_based"];
const hiddenOf = (form) => NUMBERS.map((name) => form.querySelector(`input[type="hidden"][name="${name}"]`)).filter(Boolean);

function isTyped(field) {
  if (field.type === "hidden" || field.localName === "button") return false;
  if (field.options) return [...field.options].some((one) => one.selected !== one.defaultSelected && one.value);
  return ["checkbox", "radio"].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

document.addEventListener("submit", ({ target: form, defaultPrevented }) => {
  const numbers = hiddenOf(form).map((one) => [one.name, one.value]);
  if (defaultPrevented || !numbers.length) return;
  history.replaceState({ ...history.state, sent: { action: form.getAttribute("action"), numbers } }, "");
});

const { sent } = history.state ?? {};
if (sent) {
  const form = [...document.forms].find((one) => one.getAttribute("action") === sent.action && hiddenOf(one).length && [...one.elements].some(isTyped));
  for (const [name, value] of form ? sent.numbers : []) {
    const field = form.querySelector(`input[type="hidden"][name="${name}"]`);
    if (field) field.value = value;
  }
}

window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sentAt;
});
