// The phone at the door without its screens: writes every scan down, asks the server where there is one, answers by
// itself where there is none, and hands everything in afterwards. docs/scanning.md is the agreement with the server.

import { tidy } from "./chain.js";
import { Courier } from "./courier.js";
import { install } from "./install.js";
import { Journal } from "./journal.js";
import { Network } from "./network.js";
import { Door } from "./pack.js";
import { asPrinted, parsePass } from "./passes.js";
import { cut, fileName, fileOf, Gathering, readFile } from "./relay.js";
import { newId } from "./store.js";

const PATIENCE = 3000; // ms the person at the door waits for the server
const TEXT_LIMIT = 300; // characters kept of a code that is no pass of anyone
const UNDO_MINUTES = 15;
const REHEARSAL_ENDS = 12 * 3600_000; // ms: nobody finds yesterday's rehearsal still on
const FIRST_LIST = 8000; // ms a phone without any list waits for its first one

const codeOf = (text) => {
  const printed = asPrinted(text).trim();
  return (parsePass(printed) ? printed : tidy(text, TEXT_LIMIT).trim()).slice(0, TEXT_LIMIT);
};
const isRefusedAccess = (access) => access === "expired" || access === "forbidden";

export class Engine {
  #open = () => {};
  #turn = new Promise((resolve) => (this.#open = resolve)); // whoever is scanned before start() has looked waits
  #courier = null;
  #gathering = new Gathering();
  #door = new Door();
  #network = new Network();
  #emitted = "";
  #heard = new Map(); // sign-up → name, of those who are on no list yet

  // onState(state) when anything of it changed; onLate(link, answer, name) when the server has answered what the phone had
  // answered, or put off, before; onRoster() when rows() or counts() say something new.
  constructor({ session, onState = () => {}, onLate = () => {}, onRoster = () => {} }) {
    Object.assign(this, { session, onState, onLate, onRoster });
    this.state = {
      online: true, // whether the server answers the next scan
      since: null, // ms, since when it does not
      reason: "", // why not: network, slow, server
      waiting: 0, // scans of this phone not yet handed in
      carrying: 0, // scans of other phones, to be brought
      access: "ok", // ok, signed_out, forbidden, expired
      revoked: false, // an organiser has ended the pairing: the server said so
      who: null, // {device, signedInAt} as the server knows us; null: not asked yet
      volatile: false, // nothing outlives this page: memory only
      rehearsal: false,
      packAt: 0, // ms, how old the list is; 0: none
    };
  }

  // Resolves when scans can be taken: at once where a list is kept, else when the server has answered.
  async start() {
    install();
    this.journal = await Journal.open();
    this.#courier = new Courier({
      session: this.session,
      journal: this.journal,
      network: this.#network,
      door: this.#door,
      late: (row, answer) => this.onLate(row.link, this.#named({ ...answer, nonce: row.nonce, local: false }), this.#who(row)),
      changed: (changes) => this.#change(changes),
      listed: () => this.onRoster(),
    });
    navigator.storage?.persist?.().catch(() => {}); // so that a full phone does not throw scans away
    await this.#courier.prepare();
    await this.#remember();
    this.#open();
    const ready = this.#courier.wake();
    if (!this.#door.isOpen) await Promise.race([ready, new Promise((resolve) => setTimeout(resolve, FIRST_LIST))]);
  }

  get pack() {
    return this.#door.pack;
  }

  get device() {
    return this.#courier?.device;
  }

  // Everything the server said of this phone when last asked: {now, csrf, device, sessions}.
  get hello() {
    return this.#courier?.hello;
  }

  get csrf() {
    return this.#network.csrf;
  }

  // --- scans

  // {kind, direction, what, method, name} → what to say. One after another: the chain has one end.
  scan(request) {
    const scannedAt = new Date().toISOString();
    return this.#next(() => this.#scan(request, scannedAt));
  }

  #next(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #scan(request, scannedAt) {
    await this.#courier.helloed(PATIENCE);
    await this.#courier.checkPairing();
    const draft = this.#draft(request, scannedAt);
    if (this.#courier.mayAsk()) return this.#ask(draft, request.name);
    return this.#answerAlone(draft, request.name, this.state.reason || "network");
  }

  // `sure`: whoever scans was asked whether it is somebody of the list.
  #draft({ kind = "pass", direction = "in", what, method = "typed", sure = false }, scannedAt) {
    return {
      ...(sure ? { sure } : {}),
      nonce: newId(),
      session: this.session,
      kind,
      direction,
      what: kind === "pass" ? codeOf(what) : tidy(what, TEXT_LIMIT),
      method,
      scanned_at: scannedAt,
      offset_ms: this.#network.offset,
      offline: false,
      rehearsal: this.state.rehearsal,
      verdict: "",
      outcome: "",
    };
  }

  // The link lies on the disk before it leaves.
  async #ask(draft, name) {
    const row = await this.journal.append(draft, { name, ask: true });
    const result = await this.#courier.ask(row, PATIENCE);
    if (result.final) {
      this.#door.add({ ...row, final: result.final });
      this.#told();
      return { ...this.#named(result.final), nonce: row.nonce, verdict: "", local: false, counts: result.counts };
    }
    const said = await this.#judge(row.link);
    const stored = said
      ? await this.journal.sealAgain(row, this.#sealedAs(said), { ...said, nonce: row.nonce })
      : await this.journal.letGo(row, null).then(() => row);
    return this.#toldAlone(stored, said, result.reason);
  }

  async #answerAlone(draft, name, reason) {
    const said = isRefusedAccess(this.state.access) ? null : await this.#judge(draft);
    const link = said ? { ...draft, ...this.#sealedAs(said) } : draft;
    const row = await this.journal.append(link, { name, said });
    return this.#toldAlone(row, said, isRefusedAccess(this.state.access) ? this.state.access : reason);
  }

  #sealedAs({ verdict, outcome }) {
    return { offline: true, verdict, outcome };
  }

  async #judge(link) {
    if (!this.journal.canJudge) return null; // plain http: nothing it says could be proved
    if (link.kind === "undo") return this.#judgeUndo(link);
    const at = Date.parse(link.scanned_at) + link.offset_ms;
    try {
      return await this.#door.answer({ ...link, at });
    } catch (fault) {
      console.error(fault);
      return null; // written down all the same
    }
  }

  // {kept: reason} where the phone has nothing to judge by: written down, answered when the server is back.
  async #toldAlone(row, said, reason) {
    this.#door.add({ ...row, said });
    this.#told();
    await this.#courier.count();
    this.#courier.soon();
    if (!said) return { outcome: "", kept: reason, direction: row.link.direction, verdict: "", nonce: row.nonce, local: true };
    return { ...this.#named(said), nonce: row.nonce, counts: this.counts() };
  }

  // As the list names people; who has a namesake on it is told by the last digits of the phone too.
  #named(answer) {
    const one = this.#door.person(answer.signup);
    if (!one && answer.signup && answer.person) this.#heard.set(answer.signup, answer.person.display_name);
    if (!one) return answer;
    return { ...answer, person: { display_name: one.name }, tail: one.namesakes > 1 ? one.tail : "", minor: one.minor };
  }

  // Whom a row of the journal is about, as far as it is known.
  #who({ link, said, final, name }) {
    if (link.kind === "walk_in") return link.what.split(" ").slice(1).join(" ");
    const signup = (final ?? said)?.signup ?? (link.kind === "roster" ? link.what : "");
    return this.#door.person(signup)?.name ?? this.#heard.get(signup) ?? name ?? "";
  }

  #told() {
    this.#courier.tellOtherPages();
    this.onRoster();
  }

  // --- taking back

  async undo(nonce) {
    const row = await this.journal.find(nonce);
    const minutes = row ? (Date.now() - Date.parse(row.link.scanned_at)) / 60_000 : 0;
    const refusal = { direction: row?.link.direction ?? "in", verdict: "refused", nonce, local: true };
    if (!row || row.link.kind === "undo") return { ...refusal, outcome: "unknown" };
    if (minutes > (this.pack?.rules.undo_minutes ?? UNDO_MINUTES)) return { ...refusal, outcome: "too_late" };
    const { direction, method } = row.link;
    return this.scan({ kind: "undo", direction, what: nonce, method });
  }

  async #judgeUndo(link) {
    const row = await this.journal.find(link.what);
    const word = row?.final ?? row?.said;
    const verdict = row ? "verified" : "refused";
    const about = word ? { signup: word.signup, person: word.person, position: word.position } : {};
    return { outcome: row ? "accepted" : "unknown", verdict, direction: link.direction, at: link.scanned_at, ...about, local: true };
  }

  // The last scans of this session, newest first: [{link, answer, name, waiting, undone}].
  async recent(number = 20) {
    const rows = (await this.journal.ofSession(this.session)).reverse();
    const undone = new Set(rows.filter(({ link }) => link.kind === "undo").map(({ link }) => link.what));
    return rows.slice(0, number).map((row) => ({
      link: row.link,
      answer: { ...(row.final ?? row.said ?? { outcome: "", kept: "network" }), nonce: row.nonce, local: !row.final },
      name: this.#who(row),
      waiting: Boolean(row.waiting),
      undone: undone.has(row.nonce),
    }));
  }

  // Whom that scan was about: a name, else the end of the code; "" where it is not known any more.
  async who(nonce) {
    const row = await this.journal.find(nonce);
    return row ? this.#who(row) || (row.link.kind === "pass" ? row.link.what.slice(-6) : "") : "";
  }

  // --- the list

  rows() {
    return this.#door.rows(this.state.rehearsal);
  }

  counts() {
    return this.#door.counts(this.state.rehearsal);
  }

  // Look at the server now, not when it is due.
  refresh() {
    return this.#courier.wake();
  }

  async setRehearsal(on) {
    await this.journal.keep(`rehearsal:${this.session}`, on ? Date.now() : 0);
    this.#change({ rehearsal: on });
    this.onRoster();
  }

  // The list is wiped; scans stay until they are handed in.
  async forget() {
    await this.journal.removePack(this.session);
    this.#door.close();
    this.#change({ packAt: 0 });
    this.onRoster();
  }

  // --- handing over

  // {name, blob, links}, or null where nothing waits.
  async file() {
    const text = await this.#handOver();
    if (!text) return null;
    return { name: fileName(this.device?.name), blob: new Blob([text], { type: "application/json" }) };
  }

  // The texts of a series of QR codes; none where nothing waits.
  async pieces() {
    const text = await this.#handOver();
    return text ? cut(text) : [];
  }

  // All of one chain: that of the oldest scan that waits.
  async #handOver() {
    const rows = (await this.journal.unsent()).filter((row) => row.chain);
    if (!rows.length) return "";
    const { chain } = rows[0];
    const links = rows.filter((row) => row.chain === chain).map((row) => row.link);
    return fileOf({ chain, device: this.device?.name ?? "", links });
  }

  // {have, total, done, links}; raises NotOurs for anything that is no such piece.
  async takePiece(text) {
    const { text: whole, ...progress } = await this.#gathering.take(text);
    return whole ? { ...progress, ...(await this.takeFile(whole)) } : progress;
  }

  // {links, device}; raises NotOurs. Brought to the server as soon as it can be reached.
  async takeFile(text) {
    const { chain, device, links } = readFile(text);
    await this.#courier.carry({ chain, device, links });
    return { links: links.length, device: device ?? "" };
  }

  // --- state

  async #remember() {
    const kept = await this.journal.pack(this.session);
    this.#door.replay(await this.journal.ofSession(this.session));
    if (kept) await this.#door.open(kept);
    const began = (await this.journal.note(`rehearsal:${this.session}`)) ?? 0;
    this.#change({
      rehearsal: Date.now() - began < REHEARSAL_ENDS,
      packAt: this.#door.at,
      volatile: this.journal.volatile,
    });
  }

  #change(changes) {
    Object.assign(this.state, changes, { volatile: this.journal.volatile });
    const now = JSON.stringify(this.state);
    if (now === this.#emitted) return;
    this.#emitted = now;
    this.onState({ ...this.state });
  }
}
