// The scanner's page: camera, typed codes, keyboard readers, photos and the list all end in take(). What is asked,
// kept and handed in is the engine's; this page shows it.

import "./scan/held.js";
import { Answer, fill, kindOf, parts, wording } from "./scan/answer.js";
import { Camera } from "./scan/camera.js";
import { openDialog } from "./scan/dialogs.js";
import { Engine } from "./scan/engine.js";
import { Extras } from "./scan/extras.js";
import { Handover } from "./scan/handover.js";
import { readShortCode } from "./scan/judge.js";
import { whenOf } from "./scan/moments.js";
import { loadReader, readPhoto } from "./scan/reader.js";
import { Roster } from "./scan/roster.js";
import { Sound } from "./scan/sound.js";
import { State } from "./scan/state.js";
import { keys, read, remove, write } from "./scan/store.js";
import { listenForReader } from "./scan/wedge.js";

const SAME_CODE = 3000; // ms in which the same code counts as still the same scan
const SLOW = 300; // ms before the page says that it is waiting
const WAITED_FOR = ["silent", "loading"]; // states of a camera that may still come
const LATE = "kepu-late:";
const UNDO = 15 * 60_000;
const LOG_LENGTH = 5;
const PAIRING = /\/scan\/pair\/([0-9a-z]{4}-?[0-9a-z]{4})$/i;

const session = location.pathname.split("/")[2];
const root = document.getElementById("scan");
const part = parts(root);
const words = JSON.parse(root.dataset.words);
const directionKey = `kepu-direction:${session}`;
const reader = { script: root.dataset.reader, wasm: root.dataset.wasm, plain: root.dataset.plain };

const answer = new Answer(root);
const sound = new Sound(read("kepu-sound") !== "off");
const seen = new Map(); // direction and code → when last seen, and what was answered
let direction = "in";
let atWork = 0; // scans whose answer is awaited
let hasAnswered = false;

const engine = new Engine({ session, onState: showState, onLate: settleLate, onRoster: redraw });
const state = new State({ root, words, engine });
const handover = new Handover({ root, words: words.handover, engine });
const roster = new Roster({
  root,
  words,
  rows: () => engine.rows(),
  pick: ({ signup, name, direction: way }) => take({ kind: "roster", what: signup, name, direction: way }, "roster"),
  confirm: ask,
});
const extras = new Extras({ root, words, engine, session, take, ask, say: present });

// A question with two answers; resolves to true for the first.
function ask(question, yes, no) {
  const dialog = part("confirm");
  part("confirm-text").textContent = question;
  part("confirm-yes").textContent = yes;
  part("confirm-no").textContent = no;
  openDialog(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

// ------------------------------------------------------------------------------------------ answers

// A phone's clock may be wrong by hours; with every scan stands what it knew of that (docs/scanning.md, 3).
const momentOf = (link) => Date.parse(link.scanned_at) + link.offset_ms;

function showCounts() {
  const counts = engine.counts();
  if (!engine.pack) return;
  for (const figure of root.querySelectorAll("[data-count]")) figure.textContent = counts[figure.dataset.count];
  root.querySelector('[data-when="left"]').hidden = counts.inside === counts.came;
  root.querySelector('[data-when="waiting"]').hidden = !counts.waiting;
}

function showState(now) {
  state.show(now);
  extras.show(now);
}

let drawing = 0;

// Soon, not at once: a batch that was handed in is one change.
function redraw() {
  cancelAnimationFrame(drawing);
  drawing = requestAnimationFrame(() => {
    state.titled();
    showCounts();
    roster.draw();
    showLog();
  });
}

function whoOf({ name, link }) {
  if (name) return name;
  return { pass: link.what.slice(-6), walk_in: words.someone }[link.kind] ?? "";
}

function mayUndo({ link, answer: { outcome, kept }, undone }) {
  const isRecent = Date.now() - Date.parse(link.scanned_at) < UNDO;
  return isRecent && !undone && link.kind !== "undo" && (outcome === "accepted" || Boolean(kept));
}

async function showLog() {
  const recent = await engine.recent(LOG_LENGTH);
  answer.log(
    recent.map((entry) => {
      const { kind, title } = wording(words, entry.answer, entry.link.direction, entry.link);
      const word = entry.undone ? words.undone : kind === "kept" ? words.keptShort : title;
      const more = entry.waiting && kind !== "kept" ? ` · ${words.keptShort}` : "";
      const shape = entry.undone ? "repeated" : kind;
      const line = { kind: shape, word: word + more, who: whoOf(entry), time: momentOf(entry.link) };
      return { nonce: entry.link.nonce, mayUndo: mayUndo(entry), ...line };
    }),
  );
}

async function undo(event) {
  if (event.target.dataset.part !== "undo") return;
  const { nonce } = event.target.closest("[data-nonce]").dataset;
  const name = parts(event.target.closest("[data-nonce]"))("who").textContent;
  if (!(await ask(fill(words.confirmUndo, { name }), words.undo, words.keep))) return;
  seen.clear(); // the same code may come again at once
  present(await engine.undo(nonce), "in", { kind: "undo", what: nonce });
  redraw();
}

const shown = new Set(); // late notes of this page

// Kept without the name: that lies elsewhere, encrypted.
async function showLate(nonce, { title, lines }) {
  if (shown.has(nonce)) return;
  shown.add(nonce);
  const name = await engine.who(nonce);
  answer.showLate({ title, lines: [name, ...lines] }, () => remove(LATE + nonce));
}

// The answer to a scan that had been put off, or answered here. What people should look at is kept until it was read.
function settleLate(link, result) {
  redraw();
  if (kindOf(result) !== "refused" || (link.verdict === "refused" && !result.flag)) return;
  const said = wording(words, { ...result, tail: "" }, link.direction, link);
  const title = fill(words.lateRefused, { time: whenOf(momentOf(link)) });
  const note = { title, lines: [said.title, ...said.lines] };
  write(LATE + link.nonce, JSON.stringify(note));
  showLate(link.nonce, note);
  sound.play("refused");
}

// -------------------------------------------------------------------------------------------- scans

function isRepeat(key) {
  const now = Date.now();
  const known = seen.get(key);
  const repeated = known !== undefined && now - known.at < SAME_CODE;
  seen.set(key, { at: now, result: repeated ? known.result : null });
  return repeated;
}

// {kind, what, name, direction}; people who had not signed up come one after another, codes do not repeat.
async function take(request, method) {
  const way = request.direction ?? direction;
  const isCode = ["pass", "roster"].includes(request.kind ?? "pass");
  const key = `${way}:${request.what}`;
  if (isCode && isRepeat(key)) {
    const { result } = seen.get(key);
    if (method !== "camera" && result) present(result, way);
    return null;
  }
  const began = Date.now();
  atWork += 1;
  const slow = setTimeout(() => answer.show({ kind: "checking", title: words.checking, lines: [] }), SLOW);
  const result = await engine.scan({ ...request, direction: way, method });
  clearTimeout(slow);
  atWork -= 1;
  if (isCode) seen.set(key, { at: Math.max(seen.get(key)?.at ?? 0, began), result });
  hasAnswered = true; // they know how it works
  part("hint").hidden = true;
  present(result, way, request);
  redraw();
  return result;
}

function present(result, way, link) {
  const said = wording(words, result, way, link);
  sound.play(said.kind);
  answer.show(said, { signIn: ["signed_out", "forbidden"].includes(result.kept) });
}

// What is no code of a person: the organiser's pairing code, a picture of another phone's series.
function isForThePhone(code) {
  const pairing = PAIRING.exec(code);
  if (pairing) location.href = `/scan/pair/${pairing[1]}`;
  return Boolean(pairing) || handover.seen(code);
}

// While one answer is awaited the camera only notes what it sees: whoever comes next is read a moment later.
function onCamera(code) {
  if (isForThePhone(code)) return;
  const known = seen.get(`${direction}:${code}`);
  if (known && Date.now() - known.at < SAME_CODE) known.at = Date.now();
  else if (!atWork) take({ what: code }, "camera");
}

async function onPhoto(event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  const note = part("photo-note");
  note.hidden = true;
  const loaded = await loadReader(reader).then(() => true, () => false);
  const code = loaded ? await readPhoto(file).catch(() => "") : "";
  if (code) return void (isForThePhone(code) || take({ what: code }, "camera"));
  note.textContent = loaded ? words.photoNone : words.camera.reader;
  note.hidden = false;
}

function onTyped(event) {
  event.preventDefault();
  const field = root.querySelector("#typed-code");
  const code = field.value.trim();
  if (!code) return;
  field.value = "";
  if (isForThePhone(code) || isSomeone(code)) return;
  take({ what: code }, "typed");
}

// A name, its initials or the end of a phone: whoever that may be is shown, and chosen by a press.
function isSomeone(text) {
  return !readShortCode(text) && roster.find(text);
}

// ------------------------------------------------------------------------------------------- camera

const camera = new Camera({ video: root.querySelector("video"), reader, onCode: onCamera, onState: showCamera });

function showCamera({ state: now, torch = false, lenses = 0 }) {
  const on = now === "on";
  root.classList.toggle("door-blind", !on);
  part("stage").hidden = !on && !WAITED_FOR.includes(now); // one that may still come goes on in secret
  part("trouble").hidden = on;
  part("trouble-text").textContent = on ? "" : words.camera[now];
  part("again").hidden = now === "insecure";
  part("torch").hidden = !torch;
  part("torch").setAttribute("aria-pressed", "false");
  part("lens").hidden = lenses < 2;
  part("stage").dataset.camera = now;
  part("hint").hidden = !on || hasAnswered;
  part("hint").textContent = on ? words.camera.ready : "";
}

function startCamera() {
  part("trouble").hidden = true;
  root.classList.remove("door-blind");
  part("stage").hidden = false;
  part("stage").dataset.camera = "starting";
  part("hint").hidden = false;
  part("hint").textContent = words.camera.starting;
  camera.start();
}

async function keepAwake() {
  try {
    if (!document.hidden) await navigator.wakeLock?.request("screen");
  } catch {
    // battery saver: the screen may go dark, scans are kept anyway
  }
}

// -------------------------------------------------------------------------------------------- wiring

function turn(way) {
  direction = way;
  root.dataset.direction = way;
  root.querySelector(`#way-${way}`).checked = true;
  write(directionKey, way);
}

function toggle(button, change) {
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    change(on);
  });
}

turn(read(directionKey) === "out" ? "out" : "in");
root.addEventListener("change", (event) => event.target.name === "direction" && turn(event.target.value));
root.querySelector("#typed").addEventListener("submit", onTyped);
root.querySelector("#photo").addEventListener("change", onPhoto);
part("again").addEventListener("click", startCamera);
part("lens").addEventListener("click", () => camera.nextLens());
part("sound").setAttribute("aria-pressed", String(sound.on));
part("log").addEventListener("click", undo);
toggle(part("torch"), (on) => camera.torch(on).catch(() => {}));
toggle(part("sound"), (on) => {
  sound.on = on;
  write("kepu-sound", on ? "on" : "off");
});
listenForReader((code) => isForThePhone(code) || take({ what: code }, "typed"));
document.addEventListener("visibilitychange", keepAwake);
part("opening").remove();
keepAwake();
startCamera();
engine.start().then(() => {
  root.dataset.ready = "yes";
  redraw();
  for (const key of keys(LATE)) showLate(key.slice(LATE.length), JSON.parse(read(key)));
});
