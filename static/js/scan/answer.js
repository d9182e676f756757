// The answer: the whole screen in word, shape and colour, spoken, and afterwards one line in the log.

const SHOWN_FOR = { accepted: 1200, kept: 2200 }; // ms; the others stay until the next scan, a tap or a key
const LOG_LENGTH = 5;

const clock = new Intl.DateTimeFormat(document.documentElement.lang || "zh-CN", {
  timeZone: "Asia/Shanghai",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

export const timeOf = (moment) => (moment ? clock.format(new Date(moment)) : "");

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
  if (answer.outcome === "accepted") return "accepted";
  return ["already_in", "already_out"].includes(answer.outcome) ? "repeated" : "refused";
}

// {kind, title, name, lines}: what to say about an answer to a scan in that direction.
export function wording(words, answer, direction) {
  const kind = kindOf(answer);
  const name = answer.person?.display_name;
  if (answer.kept === "signed_out") return { kind, title: words.signedOut, lines: [words.signedOutLine] };
  if (answer.kept === "forbidden") return { kind, title: words.forbidden, lines: [words.forbiddenLine] };
  if (answer.kept === "server") return { kind, title: words.keptServer, lines: [words.keptLine] };
  if (kind === "kept") return { kind, title: words.kept, lines: [words.keptLine] };
  if (kind === "accepted") {
    const title = words.accepted[answer.direction || direction];
    return { kind, title, name, lines: [answer.position].filter(Boolean) };
  }
  const title = words.outcomes[answer.outcome] || words.outcomes.refused;
  const before = kind === "repeated" && answer.at ? fill(words.firstAt, { time: timeOf(answer.at) }) : answer.detail;
  return { kind, title, name, lines: [answer.position, before].filter((line) => line && line !== title) };
}

export class Answer {
  #timer = 0;

  constructor(root) {
    this.part = parts(root);
    this.root = root;
    this.screen = this.part("answer");
    this.screen.addEventListener("click", (event) => event.target.closest("a") || this.hide());
    document.addEventListener("keydown", () => this.hide(), { capture: true });
  }

  show({ kind, title, name, lines }, { signIn = false } = {}) {
    clearTimeout(this.#timer);
    this.screen.className = `answer answer-${kind}`;
    this.screen.dataset.kind = kind;
    setShape(this.screen, kind);
    this.part("answer-title").textContent = title;
    const drawn = lines.map((line) => paragraph(line, "answer-line"));
    if (name) drawn.unshift(paragraph(name, "answer-line answer-name"));
    this.part("answer-lines").replaceChildren(...drawn);
    this.part("answer-sign-in").hidden = !signIn;
    this.part("go-on").hidden = kind === "checking" || (kind in SHOWN_FOR && !signIn);
    this.screen.hidden = false;
    if (kind === "checking") return;
    this.say([title, name || "", ...lines]);
    if (SHOWN_FOR[kind] && !signIn) this.#timer = setTimeout(() => this.hide(), SHOWN_FOR[kind]);
  }

  // Emptied first: the same words twice would be spoken once.
  say(lines) {
    const spoken = this.part("spoken");
    spoken.replaceChildren();
    requestAnimationFrame(() => {
      spoken.replaceChildren(...lines.map((line) => Object.assign(document.createElement("span"), { textContent: `${line} ` })));
    });
  }

  hide() {
    clearTimeout(this.#timer);
    if (this.screen.dataset.kind !== "checking") this.screen.hidden = true;
  }

  // Newest first; an entry of a scan that waited for the network is redrawn when its answer comes.
  log({ nonce, kind, word, who, time }, { late = false } = {}) {
    const list = this.part("log");
    const known = [...list.children].find((entry) => entry.dataset.nonce === nonce);
    if (late && !known) return; // five newer ones stand there already
    const entry = known || this.root.querySelector('[data-pattern="log"]').content.firstElementChild.cloneNode(true);
    const part = parts(entry);
    entry.dataset.nonce = nonce;
    entry.dataset.kind = kind;
    setShape(entry, kind);
    part("word").textContent = word;
    part("who").textContent = who || part("who").textContent;
    part("time").textContent = timeOf(time);
    if (!known) list.prepend(entry);
    while (list.children.length > LOG_LENGTH) list.lastElementChild.remove();
    this.part("log-box").hidden = false;
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
