// The answer: the whole screen in word, shape and colour, spoken, and afterwards one line in the log.

import { refill } from "./dom.js";
import { whenOf } from "./moments.js";

const SHOWN_FOR = { accepted: 1200, unlisted: 2500, kept: 2200 }; // ms; the others stay until the next scan, a tap or a key
const LOG_LENGTH = 5;

// "{n} …" with the values put in; sentences come from the page, so that they are translated.
export const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

export const parts = (root) => (name) => root.querySelector(`[data-part="${name}"]`);

function paragraph(text, style) {
  const made = document.createElement("p");
  made.className = style;
  made.textContent = text;
  return made;
}

function setShape(root, kind) {
  for (const shape of root.querySelectorAll("[data-shape]")) shape.hidden = shape.dataset.shape !== kind;
}

export function kindOf(answer) {
  if (answer.kept) return "kept";
  if (answer.outcome === "accepted") return answer.verdict === "unlisted" ? "unlisted" : "accepted";
  return ["already_in", "already_out"].includes(answer.outcome) ? "repeated" : "refused";
}

const KEPT = {
  signed_out: ["signedOut", "signedOutLine"],
  forbidden: ["forbidden", "forbiddenLine"],
  expired: ["expired", "expiredLine"],
  server: ["keptServer", "keptLine"],
};

function kept(words, reason) {
  const [title, line] = KEPT[reason] ?? ["kept", "keptLine"];
  return { kind: "kept", title: words[title], lines: [words[line]] };
}

// What was no code of anyone: someone who had not signed up, people counted, something taken back.
function unusual(words, answer, link) {
  const kind = kindOf(answer);
  if (answer.outcome === "everyone") return { kind: "accepted", title: fill(words.everyoneDone, { n: answer.n }), lines: [] };
  if (link?.kind === "undo") {
    if (kind === "accepted") return { kind, title: words.undone, lines: [] };
    return { kind, title: words.undoLate, lines: [] };
  }
  if (answer.flag === "full") return { kind: "unlisted", title: words.full, lines: [words.fullLine] };
  if (kind === "refused") return null;
  if (link?.kind === "heads") return { kind: "accepted", title: fill(words.heads, { n: link.what.split(" ")[0] }), lines: [] };
  if (link?.kind === "walk_in") return { kind: "accepted", title: words.walkIn, lines: [words.walkInLine] };
  return null;
}

// 不满 14 岁 · 没有监护人同意 · 陪同：… of someone the list marks as a minor; nothing of others.
export function minorLine(words, minor) {
  if (!minor) return "";
  const comes = minor.company === "" ? words.alone : minor.company && fill(words.company, { name: minor.company });
  return [words.minors[minor.mark], minor.lacks && words.guardian, comes].filter(Boolean).join(" · ");
}

function acceptedTitle(words, answer, direction) {
  if (answer.verdict === "unlisted") return words.unlisted;
  return (answer.verdict ? words.verified : words.accepted)[answer.direction || direction];
}

// What the sign-up is, where this and neither hour nor code kept the person out; a word we do not know says nothing.
const BY_STATE = ["cancelled", "waitlisted", "pending", "event_cancelled"];
const sayState = (words, { outcome, state }) => (BY_STATE.includes(outcome) && words.states[state]) || "";

// {kind, title, name, lines}: what to say about an answer to a scan in that direction.
export function wording(words, answer, direction, link) {
  const kind = kindOf(answer);
  const name = answer.person?.display_name;
  const tail = answer.tail ? fill(words.tail, { tail: answer.tail }) : "";
  if (kind === "kept") return kept(words, answer.kept);
  const other = unusual(words, answer, link);
  if (other) return { name, ...other };
  if (kind === "accepted" || kind === "unlisted") {
    const alone = { accepted: answer.verdict && words.verifiedLine, unlisted: words.unlistedLine }[kind];
    return { kind, title: acceptedTitle(words, answer, direction), name, lines: [tail, answer.position, minorLine(words, answer.minor), alone].filter(Boolean) };
  }
  const said = sayState(words, answer) || (answer.lacks === "guardian" ? words.guardian : words.reasons[answer.reason]);
  const title = said || words.outcomes[answer.outcome] || words.outcomes.refused;
  const before = kind === "repeated" && answer.at ? fill(words.firstAt, { time: whenOf(answer.at) }) : answer.detail;
  const no = kind === "refused" && answer.verdict ? words.notLetIn : "";
  return { kind, title, name, lines: [tail, answer.position, minorLine(words, answer.minor), before, no].filter((line) => line && line !== title) };
}

export class Answer {
  #timer = 0;

  // `stands`: ms every answer stands, where people read their own; else it depends on what it is.
  constructor(root, { stands = 0 } = {}) {
    this.stands = stands;
    this.part = parts(root);
    this.root = root;
    this.screen = this.part("answer");
    this.screen.addEventListener("click", (event) => event.target.closest("a") || this.hide());
    document.addEventListener("keydown", () => this.hide(), { capture: true });
  }

  // Over a question that is open: whatever is outside of it is covered by it, and not spoken.
  #come() {
    const place = this.root.querySelector("dialog[open]") ?? this.root;
    for (const one of [this.screen, this.part("spoken")]) if (one.parentElement !== place) place.append(one);
  }

  show({ kind, title, name, lines }, { signIn = false } = {}) {
    clearTimeout(this.#timer);
    this.#come();
    this.screen.className = `answer answer-${kind}`;
    this.screen.dataset.kind = kind;
    setShape(this.screen, kind);
    this.part("answer-title").textContent = title;
    const drawn = lines.map((line) => paragraph(line, "answer-line"));
    if (name) drawn.unshift(paragraph(name, "answer-line answer-name"));
    refill(this.part("answer-lines"), drawn);
    this.part("answer-sign-in").hidden = !signIn;
    this.part("go-on").hidden = kind === "checking" || (kind in SHOWN_FOR && !signIn);
    this.screen.hidden = false;
    if (kind === "checking") return;
    this.say([title, name || "", ...lines]);
    const time = this.stands || SHOWN_FOR[kind];
    if (time && !signIn) this.#timer = setTimeout(() => this.hide(), time);
  }

  // Emptied first: the same words twice would be spoken once.
  say(lines) {
    const spoken = this.part("spoken");
    refill(spoken);
    requestAnimationFrame(() => {
      refill(spoken, lines.map((line) => Object.assign(document.createElement("span"), { textContent: `${line} ` })));
    });
  }

  hide() {
    clearTimeout(this.#timer);
    if (this.screen.dataset.kind !== "checking") this.screen.hidden = true;
  }

  // Newest first: [{nonce, kind, word, who, time, mayUndo}].
  log(entries) {
    const list = this.part("log");
    refill(list, entries.slice(0, LOG_LENGTH).map((entry) => this.#entry(entry)));
    this.part("log-box").hidden = !entries.length;
  }

  #entry({ nonce, kind, word, who, time, mayUndo }) {
    const entry = this.root.querySelector('[data-pattern="log"]').content.firstElementChild.cloneNode(true);
    const part = parts(entry);
    Object.assign(entry.dataset, { nonce, kind });
    setShape(entry, kind);
    part("word").textContent = word;
    part("who").textContent = who;
    part("time").textContent = whenOf(time);
    part("undo").hidden = !mayUndo;
    return entry;
  }

  // A scan that was let through without network and refused later: it stays until someone has read it.
  showLate({ title, lines }, onRead) {
    const note = this.root.querySelector('[data-pattern="late"]').content.firstElementChild.cloneNode(true);
    const part = parts(note);
    part("title").textContent = title;
    part("text").textContent = lines.filter(Boolean).join(" · ");
    part("dismiss").addEventListener("click", () => {
      note.remove();
      onRead();
    });
    this.part("late").append(note);
    this.say([title, ...lines]);
  }
}
