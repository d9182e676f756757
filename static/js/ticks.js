// Tick a whole column with one button. Without scripts one ticks by hand.

const boxesOf = (name) => [...document.querySelectorAll(`input[type="checkbox"][name="${name}"]`)];

// Nobody is ticked whom one does not see; who is kept from another page is left alone.
const isShown = (box) => {
  const row = box.closest("tr, li");
  return !(row && row.hidden) && !box.closest("[data-choose-kept]");
};

// One box for all of them; without scripts the server reads it.
for (const all of document.querySelectorAll("input[data-tick-all]")) {
  const boxes = boxesOf(all.dataset.tickAll);
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  for (const box of boxes) {
    box.addEventListener("change", () => {
      all.checked = boxes.every((one) => one.checked);
    });
  }
}

function offer() {
  for (const button of document.querySelectorAll("button[data-tick-all]")) {
    button.hidden = boxesOf(button.dataset.tickAll).filter(isShown).length < 2;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-tick-all]");
  if (!button) return;
  const shown = boxesOf(button.dataset.tickAll).filter(isShown);
  const isOn = shown.some((box) => !box.checked);
  for (const box of shown) box.checked = isOn;
  button.setAttribute("aria-pressed", String(isOn));
});
document.addEventListener("ticks-changed", offer); // other rows came in the place of those shown
offer();
