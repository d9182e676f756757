// A tablet at the door: people scan their own codes. No names to read, one switch, and a PIN before anything else.

import { Answer, fill, kindOf, parts, wording } from "./scan/answer.js";
import { Camera } from "./scan/camera.js";
import { canSeal } from "./scan/chain.js";
import { closeDialog, isOpen, openDialog } from "./scan/dialogs.js";
import { Engine } from "./scan/engine.js";
import { maskName } from "./scan/names.js";
import { Gate } from "./scan/pin.js";
import { Sound } from "./scan/sound.js";
import { titledBy } from "./scan/state.js";
import { listenForReader } from "./scan/wedge.js";

const SAME_CODE = 5000; // ms in which the same code counts as still the same scan
const SHOWN = 4000; // ms an answer stands: old people read slowly, and the next scan need not wait for it
const LANGUAGES = ["zh-CN", "en"];
const WAITED_FOR = ["silent", "loading"]; // states of a camera that may still come
const IDLE = 45_000; // ms after which nobody stands there any more: the next one finds it as it was set up

const session = location.pathname.split("/")[2];
const root = document.getElementById("kiosk");
const part = parts(root);
const spoken = JSON.parse(root.dataset.words); // by language: {scan, kiosk}
const answer = new Answer(root, { stands: SHOWN });
const sound = new Sound(true);
const gate = new Gate(session);
const seen = new Map();
let language = LANGUAGES[0];
let direction = "in";
let waysIn = "in"; // the direction a newcomer finds
let atWork = 0; // scans whose answer is awaited
let idle = 0;
let isBlind = true;

const words = () => spoken[language].kiosk;
const engine = new Engine({ session, onState: showState, onRoster: title });

// ------------------------------------------------------------------------------------------- words

function speak(wanted) {
  language = wanted;
  document.documentElement.lang = wanted;
  for (const place of root.querySelectorAll("[data-word]")) place.textContent = words()[place.dataset.word];
  const other = LANGUAGES.find((one) => one !== wanted);
  part("language").textContent = other === "en" ? "English" : "中文";
  part("language").lang = other;
  greet();
  title();
  showState(engine.state);
}

function greet() {
  part("hello").textContent = isBlind ? words().helloBlind : words().hello;
}

function title() {
  titledBy(engine, (name, when) => {
    part("title").textContent = name;
    part("when").textContent = when;
    document.title = name;
  });
}

function showState({ access, online, rehearsal, revoked, who }) {
  if (gate.release({ revoked, who })) location.replace(revoked ? "/scan" : `/scan/${session}`);
  const { ended, offline, rehearsal: rehearsing } = words();
  const said = access === "expired" || access === "forbidden" ? ended : rehearsal ? rehearsing : online ? "" : offline;
  part("note").textContent = said;
  part("note").hidden = !said;
}

// ------------------------------------------------------------------------------------------- scans

// While one answer is awaited the camera only looks; a reader's codes come one after another, none is lost.
async function take(what, isCamera = false) {
  const key = `${direction}:${what}`;
  const known = seen.get(key);
  if (known && Date.now() - known.at < SAME_CODE) {
    known.at = Date.now();
    if (!isCamera && known.said) show(known.said);
    return;
  }
  if (atWork && isCamera) return;
  const way = direction;
  const entry = { at: Date.now(), said: null };
  seen.set(key, entry);
  atWork += 1;
  const slow = setTimeout(() => answer.show({ kind: "checking", title: spoken[language].scan.checking, lines: [] }), 300);
  const result = forACrowd(await engine.scan({ what, direction: way, method: "kiosk" }));
  clearTimeout(slow);
  atWork -= 1;
  const said = wording(spoken[language].scan, result, way);
  // `detail` comes from the server in its own language, and for staff; people get one plain line.
  const lines = kindOf(result) === "refused" ? [words().help] : said.lines.filter((line) => line !== result.detail);
  Object.assign(entry, { at: Date.now(), said: { ...said, lines } });
  show(entry.said);
}

// Whoever stands behind reads it too.
function forACrowd({ person, tail: _tail, minor: _minor, ...answer }) {
  return person ? { ...answer, person: { display_name: maskName(person.display_name) } } : answer;
}

function show(said) {
  sound.play(said.kind);
  answer.show(said);
  stir();
}

function stir() {
  clearTimeout(idle);
  idle = setTimeout(asSetUp, IDLE);
}

function asSetUp() {
  if (isOpen(part("gate"))) return stir();
  if (direction !== waysIn) turn(waysIn);
  if (language !== LANGUAGES[0]) speak(LANGUAGES[0]);
  return undefined;
}

const camera = new Camera({
  video: root.querySelector("video"),
  reader: { script: root.dataset.reader, wasm: root.dataset.wasm, plain: root.dataset.plain },
  onCode: (code) => take(code, true),
  onState: ({ state }) => {
    isBlind = state !== "on";
    part("stage").hidden = isBlind && !WAITED_FOR.includes(state);
    part("stage").dataset.camera = state;
    part("again").hidden = !isBlind || state === "insecure";
    greet();
  },
});

// ------------------------------------------------------------------------------------- begin and leave

function turn(way) {
  direction = way;
  root.dataset.direction = way;
  root.querySelector(`#way-${way}`).checked = true;
}

async function keepAwake() {
  try {
    if (!document.hidden) await navigator.wakeLock?.request("screen");
  } catch {
    // battery saver: a touch wakes it
  }
}

function work({ ways }) {
  part("setup").hidden = true;
  part("work").hidden = false;
  part("ways").hidden = ways !== "both";
  waysIn = ways === "out" ? "out" : "in";
  turn(waysIn);
  history.pushState(null, "", location.href); // the tablet's own way back leads here again
  window.addEventListener("popstate", () => gate.held && history.pushState(null, "", location.href));
  speak(language);
  camera.start();
  keepAwake();
  root.dataset.ready = "yes";
}

async function begin(event) {
  event.preventDefault();
  const { pin, ways } = event.target.elements;
  if (!/^[0-9]{4,6}$/.test(pin.value)) {
    part("setup-trouble").textContent = pin.dataset.sentence;
    part("setup-trouble").hidden = false;
    return;
  }
  await document.documentElement.requestFullscreen?.().catch(() => {}); // iPads have none: the home screen does it
  await gate.close(pin.value, { ways: ways.value, who: engine.state.who });
  pin.value = "";
  work(gate.held);
}

async function leave(event) {
  event.preventDefault();
  const { pin } = event.target.elements;
  const opened = await gate.open(pin.value);
  pin.value = "";
  if (opened) {
    if (document.fullscreenElement) await document.exitFullscreen().catch(() => {});
    location.href = `/scan/${session}`;
    return;
  }
  part("gate-trouble").textContent = gate.wait ? fill(words().wait, { n: gate.wait }) : words().wrong;
  part("gate-trouble").hidden = false;
  pin.focus();
}

root.querySelector("#typed").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = root.querySelector("#typed-code");
  const code = field.value.trim();
  field.value = "";
  if (code) take(code);
});
root.addEventListener("change", (event) => event.target.name === "direction" && turn(event.target.value));
part("language").addEventListener("click", () => speak(LANGUAGES.find((one) => one !== language)));
part("begin").setAttribute("novalidate", "");
part("begin").addEventListener("submit", begin);
part("cancel").href = `/scan/${session}`;
part("gate-sign-in").href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
part("staff").addEventListener("click", () => {
  part("gate-trouble").hidden = true;
  openDialog(part("gate"));
});
part("gate-back").addEventListener("click", () => closeDialog(part("gate")));
part("again").addEventListener("click", () => camera.start());
part("gate-form").addEventListener("submit", leave);
document.addEventListener("visibilitychange", () => part("work").hidden || keepAwake());
for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, stir, { capture: true, passive: true });
listenForReader((code) => part("work").hidden || isOpen(part("gate")) || take(code));
part("opening").remove();
engine.start().then(title);
if (gate.held) work(gate.held);
else {
  part("setup").hidden = false;
  part("begin").hidden = !canSeal();
  part("insecure").hidden = canSeal();
}
