// A USB or Bluetooth reader types like a keyboard: the code, then Enter.

const PAUSE = 1000; // ms between two keys after which a new code begins
const READER = 60; // ms between keys: faster than any hand, so even in the search field it was a reader
const SHORTEST = 6;
const EDITABLE = "input:not([type=radio], [type=file], [type=search]), textarea, select, [contenteditable]";

export function listenForReader(onCode) {
  let typed = "";
  let last = 0;

  function finish(event) {
    const code = typed.trim();
    typed = "";
    if (code.length < SHORTEST) return;
    event.preventDefault(); // Enter would press whatever button has the focus
    event.stopPropagation();
    if (event.target.type === "search") {
      event.target.value = "";
      event.target.dispatchEvent(new Event("input", { bubbles: true }));
    }
    onCode(code);
  }

  function onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest?.(EDITABLE)) return;
    const pause = event.target.type === "search" ? READER : PAUSE;
    if (event.timeStamp - last > pause) typed = "";
    last = event.timeStamp;
    if (event.key.length === 1) typed += event.key;
    else if (event.key === "Enter") finish(event);
  }

  document.addEventListener("keydown", onKey, { capture: true });
}
