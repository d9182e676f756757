// Dialogs, also where the browser has none (iOS before 15.4): there they lie over the page by scan.css, and their forms
// close them as anywhere.

const canModal = typeof HTMLDialogElement === "function" && "showModal" in HTMLDialogElement.prototype;

export function openDialog(dialog) {
  dialog.returnValue = "";
  if (canModal) return dialog.showModal();
  if (!dialog.dataset.helped) help(dialog);
  dialog.setAttribute("open", "");
  dialog.querySelector("input, button")?.focus();
  return undefined;
}

export const isOpen = (dialog) => dialog.hasAttribute("open");

export function closeDialog(dialog, value = "") {
  if (canModal) return dialog.close(value);
  if (!isOpen(dialog)) return undefined;
  dialog.removeAttribute("open");
  dialog.returnValue = value;
  return dialog.dispatchEvent(new Event("close"));
}

function help(dialog) {
  Object.assign(dialog.dataset, { helped: "yes" });
  dialog.setAttribute("role", "dialog");
  dialog.setAttribute("aria-modal", "true");
  let pressed = "";
  dialog.addEventListener("click", (event) => (pressed = event.target.closest("button")?.value ?? ""));
  dialog.addEventListener("submit", (event) => {
    if (event.target.getAttribute("method") !== "dialog") return;
    event.preventDefault();
    closeDialog(dialog, pressed);
  });
  dialog.addEventListener("keydown", (event) => event.key === "Escape" && closeDialog(dialog));
}
