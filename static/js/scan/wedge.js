// A USB or Bluetooth reader types like a keyboard: the code, then Enter or Tab, into whatever has the focus.

const PAUSE = 1500; // ms between two keys after which a new code begins
const SHORTEST = 6;
const EDITABLE =
  "input:not([type=radio]):not([type=checkbox]):not([type=file]), textarea, select, [contenteditable]";
const PASS = /(\/p\/|^)[a-z0-9.]{30,}\/?$/i; // nobody is called like this, or searches for it
const ENDS = ["Enter", "Tab"];
// Where a Chinese input method takes the keys it hides what was typed; which key it was, it cannot hide.
const KEYS = { Period: [".", ">"], Slash: ["/", "?"], Semicolon: [";", ":"], Minus: ["-", "_"] };

function keyPressed({ code = "", shiftKey }) {
  const plain = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(code)?.[1];
  if (plain) return shiftKey ? plain : plain.toLowerCase();
  return KEYS[code]?.[Number(shiftKey)] ?? "";
}

const signOf = (event) => (event.key.length === 1 ? event.key : event.key === "Process" ? keyPressed(event) : "");
const isEnd = ({ key, code }) => ENDS.includes(key) || (key === "Process" && ENDS.includes(code));

export function listenForReader(onCode) {
  let typed = "";
  let last = 0;
  let place = null; // where it goes
  let before = ""; // what stood there

  function begin(event) {
    typed = "";
    place = event.target;
    before = place.value ?? "";
  }

  function finish(event, code) {
    event.preventDefault(); // Enter would press whatever button has the focus, Tab would leave it
    event.stopPropagation();
    onCode(code);
  }

  // What a reader typed into a field of something else is no name, and no number of people.
  function putBack(field) {
    field.blur(); // an input method lets go
    field.value = before;
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target !== place || event.timeStamp - last > PAUSE) begin(event);
    last = event.timeStamp;
    typed += signOf(event);
    if (!isEnd(event)) return;
    const code = typed.trim();
    const isField = event.target.closest?.(EDITABLE);
    if (isField ? PASS.test(code) : code.length >= SHORTEST) {
      if (isField) putBack(event.target);
      finish(event, code);
    }
    place = null;
  }

  document.addEventListener("keydown", onKey, { capture: true });
}
