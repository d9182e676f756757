// The scanner's page: camera, typed codes, keyboard readers, photos and the roster all end in take().

import { Answer, fill, kindOf, parts, timeOf, wording } from "./scan/answer.js";
import { Camera } from "./scan/camera.js";
import { Queue } from "./scan/queue.js";
import { loadReader, readPhoto } from "./scan/reader.js";
import { Roster } from "./scan/roster.js";
import { Sound } from "./scan/sound.js";
import { deviceId, keys, newId, read, remove, write } from "./scan/store.js";
import { listenForReader } from "./scan/wedge.js";

const SAME_CODE = 3000; // ms in which the same code counts as still the same scan
const SLOW = 300; // ms before the page says that it is waiting
const LATE = "kepu-late:";

const root = document.getElementById("scan");
const part = parts(root);
const config = JSON.parse(root.dataset.config);
const words = JSON.parse(root.dataset.words);
const device = config.device || deviceId();
const directionKey = `kepu-direction:${config.session}`;
const reader = { script: root.dataset.reader, wasm: root.dataset.wasm };

const answer = new Answer(root);
const sound = new Sound(read("kepu-sound") !== "off");
const seen = new Map(); // direction and code → when last seen, and what was answered
let direction = "in";
let atWork = 0; // scans whose answer is awaited

// ------------------------------------------------------------------------------------------ answers

function showCounts(counts) {
  for (const figure of root.querySelectorAll("[data-count]")) {
    figure.textContent = counts[figure.dataset.count];
  }
  root.querySelector('[data-when="left"]').hidden = counts.inside === counts.came;
  root.querySelector('[data-when="waiting"]').hidden = !counts.waiting;
}

function record(item, result, { late = false } = {}) {
  const { kind, title } = wording(words, result, item.body.direction);
  const who = result.person?.display_name || item.name || item.body.code?.slice(-6) || "";
  part("hint").hidden = true; // one answer in, they know how it works
  const word = kind === "kept" ? words.keptShort : title;
  answer.log({ nonce: item.body.nonce, kind, word, who, time: item.body.scanned_at }, { late });
  if (result.counts) showCounts(result.counts);
  else if (kind === "accepted") roster.refreshSoon();
  const signup = result.signup || item.body.signup;
  if (kind === "accepted") roster.mark(signup, result.direction || item.body.direction, result.at);
}

function showLate(nonce, note) {
  answer.showLate(note, () => remove(LATE + nonce));
}

// The answer to a scan that had been put off. A refusal is kept, also over a reload, until it was read.
function settleLate(item, result) {
  record(item, result, { late: true });
  if (kindOf(result) !== "refused") return;
  const said = wording(words, result, item.body.direction);
  const title = fill(words.lateRefused, { time: timeOf(item.body.scanned_at) });
  const note = { title, lines: [said.name || item.name || item.body.code?.slice(-6), said.title, ...said.lines] };
  write(LATE + item.body.nonce, JSON.stringify(note));
  showLate(item.body.nonce, note);
  sound.play("refused");
}

function showWaiting({ waiting, reason }) {
  const sentences = { signed_out: words.waitingSignedOut, forbidden: words.waitingForbidden };
  part("waiting").hidden = !waiting;
  part("sign-in").hidden = !(reason in sentences);
  part("waiting-text").textContent = waiting ? fill(sentences[reason] || words.waiting, { n: waiting }) : "";
}

// A page open longer than its form token lives gets a new one without being loaded again.
async function freshToken() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById("scan");
  return fresh ? JSON.parse(fresh.dataset.config).csrf : null;
}

const queue = new Queue({ csrf: config.csrf, freshToken, late: settleLate, changed: showWaiting });
const roster = new Roster({
  root,
  words,
  url: config.roster_url,
  counted: showCounts,
  pick: (person) => take({ signup: person.signup }, "roster", person),
});

// -------------------------------------------------------------------------------------------- scans

function isRepeat(key) {
  const now = Date.now();
  const known = seen.get(key);
  const repeated = known !== undefined && now - known.at < SAME_CODE;
  seen.set(key, { at: now, result: repeated ? known.result : null });
  return repeated;
}

async function take(what, method, { direction: way = direction, name = "" } = {}) {
  const key = `${way}:${what.code ?? what.signup}`;
  if (isRepeat(key)) {
    const result = seen.get(key).result;
    if (method !== "camera" && result) present(result, way);
    return;
  }
  const scanned_at = new Date().toISOString();
  const body = { ...what, direction: way, nonce: newId(), scanned_at, device, method };
  const item = { url: config.checkin_url, name, body };
  atWork += 1;
  const slow = setTimeout(() => answer.show({ kind: "checking", title: words.checking, lines: [] }), SLOW);
  const result = await queue.add(item);
  clearTimeout(slow);
  atWork -= 1;
  seen.set(key, { at: Math.max(seen.get(key).at, Date.parse(scanned_at)), result });
  record(item, result);
  present(result, way);
}

function present(result, way) {
  const said = wording(words, result, way);
  sound.play(said.kind);
  answer.show(said, { signIn: ["signed_out", "forbidden"].includes(result.kept) });
}

// While one answer is awaited the camera only notes what it sees: whoever comes next is read a moment later.
function onCamera(code) {
  const known = seen.get(`${direction}:${code}`);
  if (known && Date.now() - known.at < SAME_CODE) known.at = Date.now();
  else if (!atWork) take({ code }, "camera");
}

async function onPhoto(event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  const note = part("photo-note");
  note.hidden = true;
  const loaded = await loadReader(reader).then(() => true, () => false);
  const code = loaded ? await readPhoto(file).catch(() => "") : "";
  if (code) return void take({ code }, "camera");
  note.textContent = loaded ? words.photoNone : words.camera.reader;
  note.hidden = false;
}

function onTyped(event) {
  event.preventDefault();
  const field = root.querySelector("#typed-code");
  const code = field.value.trim();
  if (!code) return;
  field.value = "";
  take({ code }, "typed");
}

// ------------------------------------------------------------------------------------------- camera

const camera = new Camera({ video: root.querySelector("video"), reader, onCode: onCamera, onState: showCamera });

function showCamera({ state, torch = false, lenses = 0 }) {
  const on = state === "on";
  root.classList.toggle("door-blind", !on);
  part("stage").hidden = !on;
  part("trouble").hidden = on;
  part("trouble-text").textContent = on ? "" : words.camera[state];
  part("again").hidden = state === "insecure" || state === "none";
  part("torch").hidden = !torch;
  part("torch").setAttribute("aria-pressed", "false");
  part("lens").hidden = lenses < 2;
  part("stage").dataset.camera = state;
  part("hint").textContent = on ? words.camera.ready : "";
}

function startCamera() {
  part("trouble").hidden = true;
  root.classList.remove("door-blind");
  part("stage").hidden = false;
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
part("more").hidden = false;
part("again").addEventListener("click", startCamera);
part("lens").addEventListener("click", () => camera.nextLens());
part("sound").setAttribute("aria-pressed", String(sound.on));
toggle(part("torch"), (on) => camera.torch(on).catch(() => {}));
toggle(part("sound"), (on) => {
  sound.on = on;
  write("kepu-sound", on ? "on" : "off");
});
listenForReader((code) => take({ code }, "typed"));
document.addEventListener("visibilitychange", keepAwake);
for (const key of keys(LATE)) showLate(key.slice(LATE.length), JSON.parse(read(key)));
for (const item of queue.pending()) record(item, { kept: "network" });
keepAwake();
startCamera();
queue.drain();
roster.refresh(); // while there is a network: picking works without one
