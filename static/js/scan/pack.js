// The list of one session as this phone knows it: the pack, and on top of it what was scanned here since.

import { judge, judgeUnannounced, openPack, readShortCode, stateOf } from "./judge.js";
import { importKeys, parsePass, verifyPass } from "./passes.js";

const REHEARSED = 12 * 3600_000; // ms a rehearsal's own scans are remembered
const IN = ["accepted", "already_in"];

// What a scan came to, so far: the server's word, else the phone's own.
const wordOf = (row) => row.final ?? row.said ?? {};
const momentOf = (row) => Date.parse(row.link.scanned_at) + row.link.offset_ms;

export class Door {
  #keys = null;
  #rows = [];
  #seen = { false: new Map(), true: new Map() }; // rehearsal → sign-up → {in, out}
  #taken = { false: new Map(), true: new Map() }; // the same of what was taken back since the list was made
  #walkIns = 0;

  pack = null;
  at = 0; // when the pack was fetched
  askedAt = 0;

  async open({ pack, at, askedAt }) {
    this.#keys = await importKeys(pack.keys).catch(() => new Map()); // plain http: nothing to verify with
    Object.assign(this, { pack: openPack(pack), at, askedAt });
    this.replay(this.#rows);
  }

  // The server says that the list is still the same.
  renew({ at, askedAt }) {
    Object.assign(this, { at, askedAt });
    this.replay(this.#rows);
  }

  close() {
    Object.assign(this, { pack: null, at: 0, askedAt: 0 });
    this.#keys = null;
  }

  get isOpen() {
    return this.pack !== null;
  }

  // --- what was scanned here

  // Everything this phone scanned for the session, oldest first.
  replay(rows) {
    this.#rows = rows;
    this.#seen = { false: new Map(), true: new Map() };
    this.#taken = { false: new Map(), true: new Map() };
    this.#walkIns = 0;
    const undone = new Map(rows.filter(isUndo).map((row) => [row.link.what, row]));
    for (const row of rows) {
      if (undone.has(row.nonce)) this.#takeBack(row, undone.get(row.nonce));
      else this.#count(row);
    }
  }

  #takeBack(row, undo) {
    const { signup } = wordOf(row);
    if (!signup || this.#isOld(undo)) return;
    const taken = this.#taken[Boolean(row.link.rehearsal)];
    taken.set(signup, { ...taken.get(signup), [row.link.direction]: true });
  }

  // The list knows of it already; a rehearsal is on no list, and is forgotten by itself.
  #isOld(row) {
    return row.link.rehearsal ? momentOf(row) < Date.now() - REHEARSED : row.settledAt < this.askedAt;
  }

  add(row) {
    this.replay([...this.#rows.filter((known) => known.nonce !== row.nonce), row]);
  }

  #count(row) {
    const { link } = row;
    const word = wordOf(row);
    if (this.#isOld(row)) return;
    if (link.kind === "walk_in" && word.outcome === "accepted" && !link.rehearsal) this.#walkIns += 1;
    if (!word.signup || !["pass", "roster"].includes(link.kind)) return;
    const seen = this.#seen[Boolean(link.rehearsal)];
    const known = seen.get(word.signup) ?? { in: null, out: null };
    const at = word.at ? Date.parse(word.at) : momentOf(row);
    if (link.direction === "in" && IN.includes(word.outcome)) known.in = Math.min(known.in ?? at, at);
    if (link.direction === "out" && ["accepted", "already_out"].includes(word.outcome)) known.out = known.out ?? at;
    seen.set(word.signup, known);
  }

  #known(signup, rehearsal) {
    const here = this.#seen[Boolean(rehearsal)].get(signup);
    if (rehearsal) return here ?? { in: null, out: null };
    const listed = this.pack.people.get(signup);
    const taken = this.#taken.false.get(signup);
    return {
      in: (taken?.in ? null : listed?.in) ?? here?.in ?? null,
      out: (taken ? null : listed?.out) ?? here?.out ?? null,
    };
  }

  // --- judging

  // The phone's own answer to a scan, or null where it has no list to judge by.
  async answer({ kind, what, direction, rehearsal, at }) {
    if (!this.isOpen) return null;
    if (kind === "walk_in" || kind === "heads") {
      const found = judgeUnannounced(this.pack, { kind, at, anyHour: rehearsal });
      return { ...found, direction, at: new Date(at).toISOString(), local: true };
    }
    const reading = kind === "roster" ? { signup: what } : await this.#read(what);
    const known = reading?.signup ? this.#known(reading.signup, rehearsal) : { in: null, out: null };
    const found = judge(this.pack, reading, { direction, at, known, anyHour: rehearsal });
    return this.#spoken(found, { direction, at, signup: reading?.signup });
  }

  #spoken({ outcome, verdict, state, reason, lacks, at: earlier, row }, { direction, at, signup }) {
    const answer = { outcome, verdict, direction, at: new Date(earlier ?? at).toISOString(), local: true };
    if (reason) answer.reason = reason;
    if (lacks) answer.lacks = lacks;
    if (state) answer.state = state;
    if (signup) answer.signup = signup;
    if (row) Object.assign(answer, { person: { display_name: row.name }, position: row.position?.name ?? "" });
    return answer;
  }

  async #read(text) {
    const short = readShortCode(text);
    const named = short && this.pack.codes.get(short);
    if (named) return { signup: named };
    const parsed = parsePass(text);
    if (!parsed) return null;
    return { ...parsed, proof: await verifyPass(parsed, this.#keys) };
  }

  // --- the list

  // Who that sign-up is, as the list has it; undefined for whoever is not on it.
  person(signup) {
    return this.pack?.people.get(signup);
  }

  // Everyone on the list as it stands here, in the pack's order; times in milliseconds.
  rows(rehearsal) {
    if (!this.isOpen) return [];
    const now = { at: Date.now(), anyHour: rehearsal };
    return [...this.pack.people.values()].map((row) => {
      const known = this.#known(row.signup, rehearsal);
      return {
        signup: row.signup, display_name: row.name, short_code: row.code, status: row.status,
        state: stateOf(this.pack, row, now), lacks: row.lacks,
        position: row.position?.name ?? "", kind: row.position?.kind ?? "", in_at: known.in, out_at: known.out,
        tail: row.tail, find: row.find, namesakes: row.namesakes, minor: row.minor,
      };
    });
  }

  counts(rehearsal) {
    const rows = this.rows(rehearsal);
    const walkIns = rehearsal ? 0 : this.#walkIns;
    const came = rows.filter((row) => row.in_at).length + walkIns;
    return {
      expected: rows.filter((row) => row.status === "confirmed").length,
      came,
      inside: came - rows.filter((row) => row.in_at && row.out_at).length,
      waiting: rows.filter((row) => row.status === "waitlisted").length,
    };
  }
}

// An undo that was refused takes nothing back.
function isUndo(row) {
  const word = wordOf(row);
  return row.link.kind === "undo" && (!word.outcome || word.outcome === "accepted");
}
