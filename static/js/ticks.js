// The page of names: find someone among many, tick a whole column with one button. Without scripts one looks and
// ticks by hand.

const rows = [...document.querySelectorAll("tr[data-who]")];
const finder = document.querySelector("[data-find]");

function find(text) {
  const wanted = text.normalize("NFKC").replace(/[\s·•・‧]/gu, "").toLowerCase();
  let found = 0;
  for (const row of rows) {
    row.hidden = wanted !== "" && !row.dataset.who.toLowerCase().includes(wanted);
    found += row.hidden ? 0 : 1;
  }
  finder.querySelector("[data-none]").hidden = found > 0;
}

// Where all names are on the page, it finds while one types and keeps what was ticked; else the form asks the server.
if (finder) {
  const input = finder.querySelector("input[type=search]");
  input.addEventListener("input", () => find(input.value));
  input.form.addEventListener("submit", (event) => event.preventDefault());
}

// One box for all of them; without scripts the server reads it.
for (const all of document.querySelectorAll("input[data-tick-all]")) {
  const boxes = [...document.querySelectorAll(`input[type="checkbox"][name="${all.dataset.tickAll}"]`)];
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  for (const box of boxes) {
    box.addEventListener("change", () => {
      all.checked = boxes.every((one) => one.checked);
    });
  }
}

for (const button of document.querySelectorAll("button[data-tick-all]")) {
  const boxes = [...document.querySelectorAll(`input[type="checkbox"][name="${button.dataset.tickAll}"]`)];
  button.hidden = boxes.length < 2;
  button.addEventListener("click", () => {
    const shown = boxes.filter((box) => !box.closest("tr").hidden); // nobody is ticked whom one does not see
    const isOn = shown.some((box) => !box.checked);
    for (const box of shown) box.checked = isOn;
    button.setAttribute("aria-pressed", String(isOn));
  });
}
