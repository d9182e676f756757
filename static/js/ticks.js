// The page of names: find someone among many, tick a whole column with one button. Without scripts one looks and
// ticks by hand.

const rows = [...document.querySelectorAll("tr[data-who]")];
const finder = document.querySelector("[data-find]");

function find(text) {
  const wanted = text.trim().toLowerCase();
  let found = 0;
  for (const row of rows) {
    row.hidden = wanted !== "" && !row.dataset.who.toLowerCase().includes(wanted);
    found += row.hidden ? 0 : 1;
  }
  finder.querySelector("[data-none]").hidden = found > 0;
}

if (finder && rows.length > 12) {
  const input = finder.querySelector("input");
  finder.hidden = false;
  input.addEventListener("input", () => find(input.value));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it finds; the button below sends
  });
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
