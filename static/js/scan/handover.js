// Handing this phone's scans to another one, and taking another's: by file, or as a series of QR codes.

import qrcode from "../../vendor/qrcode.js";
import { canSeal } from "./chain.js";
import { fill, parts } from "./answer.js";
import { closeDialog, openDialog } from "./dialogs.js";
import { canUnpack, isPiece } from "./relay.js";

const TURN = 400; // ms one picture stands: a cheap camera takes nine looks a second
const MARGIN = 4; // modules around the code
const SCALE = 6; // pixels of one module

function draw(canvas, text) {
  const code = qrcode(0, "L");
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  canvas.width = canvas.height = (size + 2 * MARGIN) * SCALE;
  const pencil = canvas.getContext("2d");
  pencil.fillStyle = "#fff";
  pencil.fillRect(0, 0, canvas.width, canvas.height);
  pencil.fillStyle = "#000";
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      if (code.isDark(row, column)) pencil.fillRect((column + MARGIN) * SCALE, (row + MARGIN) * SCALE, SCALE, SCALE);
    }
  }
}

export class Handover {
  #pieces = [];
  #shown = 0;
  #timer = 0;
  #taken = ""; // the piece seen last

  constructor({ root, words, engine }) {
    Object.assign(this, { words, engine, part: parts(root) });
    this.dialog = this.part("series");
    this.part("give-file").addEventListener("click", () => this.giveFile());
    this.part("give-series").addEventListener("click", () => this.giveSeries());
    root.querySelector("#take-file").addEventListener("change", (event) => this.#chosen(event));
    this.part("series-pause").addEventListener("click", () => this.#pause());
    this.part("series-next").addEventListener("click", () => this.#next());
    this.part("series-close").addEventListener("click", () => closeDialog(this.dialog));
    this.dialog.addEventListener("close", () => clearInterval(this.#timer));
  }

  #say(text, part = "handover-note") {
    this.part(part).textContent = text;
    this.part(part).hidden = false;
  }

  // What waits and cannot be proved yet is not “nothing”.
  #sayNothing() {
    return this.#say(this.engine.state.waiting ? this.words.notYet : this.words.nothing);
  }

  async giveFile() {
    if (!canSeal()) return this.#say(this.words.sealed);
    const file = await this.engine.file();
    if (!file) return this.#sayNothing();
    const whole = new File([file.blob], file.name, { type: "application/json" });
    if (navigator.canShare?.({ files: [whole] })) {
      const shared = await navigator.share({ files: [whole] }).then(() => true, () => false);
      if (shared) return this.#say(fill(this.words.saved, { name: file.name }));
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file.blob);
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    return this.#say(fill(this.words.saved, { name: file.name }));
  }

  async giveSeries() {
    if (!canSeal()) return this.#say(this.words.sealed);
    this.#pieces = await this.engine.pieces();
    if (!this.#pieces.length) return this.#sayNothing();
    this.#shown = this.#pieces.length - 1;
    openDialog(this.dialog);
    this.#next();
    this.#run();
    return undefined;
  }

  #run() {
    clearInterval(this.#timer);
    this.part("series-pause").setAttribute("aria-pressed", "false");
    if (this.#pieces.length > 1) this.#timer = setInterval(() => this.#next(), TURN);
  }

  #pause() {
    if (this.part("series-pause").getAttribute("aria-pressed") === "true") return this.#run();
    clearInterval(this.#timer);
    return this.part("series-pause").setAttribute("aria-pressed", "true");
  }

  #next() {
    this.#shown = (this.#shown + 1) % this.#pieces.length;
    draw(this.part("series-code"), this.#pieces[this.#shown]);
    this.part("series-number").textContent = fill(this.words.number, { n: this.#shown + 1, total: this.#pieces.length });
  }

  async #chosen(event) {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) await this.#receive(async () => this.engine.takeFile(await file.text()));
  }

  // A code the camera read: true where it is a piece of a series.
  seen(text) {
    if (!isPiece(text)) return false;
    if (!canUnpack()) this.#say(this.words.onlyFile, "series-note");
    else if (text !== this.#taken) this.#receive(() => this.engine.takePiece(text), "series-note");
    this.#taken = text;
    return true;
  }

  // `part`: where it is said. Whoever holds the phone to another one's pictures looks at the camera.
  async #receive(work, part) {
    try {
      const found = await work();
      if (found.done === false) this.#say(fill(this.words.progress, { n: found.have, total: found.total }), part);
      else if (found.links) this.#say(fill(this.words.taken, { n: found.links, name: found.device || this.words.another }), part);
    } catch {
      this.#say(this.words.notOurs, part);
    }
  }
}
