// A USB or Bluetooth reader types like a keyboard: the code, then Enter, into whatever has the focus.

const PAUSE = 1500; // ms between two keys after which a new code begins
const SHORTEST = 6;
const EDITABLE = "input:not([type=radio], [type=file]), textarea, select, [contenteditable]";
const PASS = /(\/p\/|^)[a-z0-9.]{30,}\/?$/i; // nobody searches for a name like this

export function listenForReader(onCode) {
  let typed = "";
  let last = 0;

  function finish(event, code) {
    event.preventDefault(); // Enter would press whatever button has the focus
    event.stopPropagation();
    onCode(code);
  }

  function onSearchKey(event) {
    const code = event.target.value.trim();
    if (event.key !== "Enter" || !PASS.test(code)) return;
    event.target.value = "";
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
    finish(event, code);
  }

  function onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.type === "search") onSearchKey(event);
    if (event.target.closest?.(EDITABLE)) return;
    if (event.timeStamp - last > PAUSE) typed = "";
    last = event.timeStamp;
    if (event.key.length === 1) typed += event.key;
    if (event.key !== "Enter") return;
    const code = typed.trim();
    typed = "";
    if (code.length >= SHORTEST) finish(event, code);
  }

  document.addEventListener("keydown", onKey, { capture: true });
}
