// The page of names: tick a whole column with one button. Without scripts each name is ticked by hand.

for (const button of document.querySelectorAll("button[data-tick-all]")) {
  const boxes = [...document.querySelectorAll(`input[type="checkbox"][name="${button.dataset.tickAll}"]`)];
  button.hidden = boxes.length < 2;
  button.addEventListener("click", () => {
    const isOn = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = isOn;
    button.setAttribute("aria-pressed", String(isOn));
  });
}
