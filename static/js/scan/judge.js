// What a phone decides by itself with the list it keeps: docs/scanning.md 3. No clock, no storage, no network here.
// Moments are milliseconds since 1970 by the server's clock.

import { findable } from "./names.js";

const MINUTE = 60_000;
const SHORT_CODE = /^[23456789ABCDEFGHJKMNPQRSTWXYZ]{6}$/;
// What a sign-up that keeps its holder out is called in an answer; `state` beside it says which it is.
const OUTCOMES = {
  pending: "pending", no_consent: "pending", waitlisted: "waitlisted", offered: "waitlisted", offer_over: "cancelled",
  declined: "cancelled", cancelled: "cancelled", over: "too_late", postponed: "event_cancelled",
  event_cancelled: "event_cancelled", session_cancelled: "event_cancelled", not_published: "event_cancelled",
};
const HIDDEN = ["draft", "submitted"];

// A short code as typed, in its one spelling; "" when it cannot be one.
export function readShortCode(text) {
  const code = text.normalize("NFKC").replace(/[\s·.,_-]+/g, "").toUpperCase();
  return SHORT_CODE.test(code) ? code : "";
}

const moment = (seconds) => (seconds === null || seconds === undefined ? null : seconds * 1000);

// The pack as it came, with its lists made quick to look into.
export function openPack(pack) {
  const people = new Map();
  const codes = new Map();
  const namesakes = new Map();
  for (const row of pack.roster) {
    const [signup, serial, name, index, status, code, cameIn, wentOut, lacks] = row;
    const [tail = "", letters = "", until = null, mark = null, company = null] = row.slice(9);
    const position = pack.positions[index] ?? null;
    const find = findable({ name, code, tail, letters });
    people.set(signup, {
      signup, serial, name, position, status, code, lacks, in: moment(cameIn), out: moment(wentOut), tail, find,
      minor: mark ? { mark, lacks, company } : null,
      until: moment(until),
    });
    codes.set(code, signup);
    namesakes.set(find.name, (namesakes.get(find.name) ?? 0) + 1);
  }
  for (const one of people.values()) one.namesakes = namesakes.get(one.find.name);
  const starts = Date.parse(pack.session.starts_at);
  const ends = Date.parse(pack.session.ends_at);
  return {
    ...pack,
    people,
    codes,
    gone: new Set(pack.gone),
    ends,
    revoked: new Map(pack.revoked),
    doors: [starts - pack.rules.early_minutes * MINUTE, ends + pack.rules.late_minutes * MINUTE],
  };
}

const refused = (outcome, more = {}) => ({ outcome, verdict: "refused", ...more });

function atTheDoors(pack, at, anyHour) {
  if (anyHour) return "accepted";
  if (at < pack.doors[0]) return "too_early";
  return at >= pack.doors[1] ? "too_late" : "accepted";
}

function going(known, mayBeIn) {
  if (known.out) return { outcome: "already_out", at: known.out };
  return { outcome: known.in || mayBeIn ? "accepted" : "not_in" };
}

// Why nobody comes to this session, "" where they do. Packs of before 2026-12 say only whether it is open.
function off(pack) {
  const { open, state } = pack.session;
  if (HIDDEN.includes(state)) return "not_published";
  if (state && state !== "on") return state;
  return open || state ? "" : "session_cancelled";
}

// What a sign-up of the list is at a moment: webapp/signups/domain/standing.py says the same.
export function stateOf(pack, row, { at, anyHour = false }) {
  const why = off(pack);
  const isOver = !anyHour && row.status === "offered" && row.until !== null && row.until <= at;
  if (why && (why !== "postponed" || !isOver)) return why;
  if (isOver) return "offer_over";
  const hasPlace = row.status === "confirmed";
  if (!anyHour && at >= (hasPlace ? pack.doors[1] : pack.ends)) return "over";
  return hasPlace && row.lacks ? "no_consent" : row.status;
}

function listed(pack, row, { direction, at, known, anyHour }) {
  const state = stateOf(pack, row, { at, anyHour });
  const byTheHour = state === "over" && row.status === "confirmed";
  if (!["confirmed", "no_consent"].includes(state) && !byTheHour) return { outcome: OUTCOMES[state], state };
  if (direction === "out") return { ...going(known, false), state };
  if (known.in) return { outcome: "already_in", at: known.in, state };
  if (state === "no_consent") return { outcome: "pending", lacks: row.lacks, state };
  return { outcome: atTheDoors(pack, at, anyHour), state };
}

// Somebody of whom only the id is on the list: they cancelled, or it was never theirs.
function gone(pack, signup) {
  const why = off(pack);
  const state = why && why !== "postponed" ? why : pack.gone_as?.[signup] ?? "cancelled";
  return refused(OUTCOMES[state], { state });
}

function unlisted(pack, pass, { direction, at, known, anyHour }) {
  if (!pass.sessions.includes(pack.session.id)) return { outcome: "wrong_session" };
  const state = off(pack);
  if (state) return { outcome: OUTCOMES[state], state };
  if (direction === "out" && known.out) return going(known, true);
  if (direction === "in" && known.in) return { outcome: "already_in", at: known.in };
  if (!anyHour && at < pass.from * MINUTE) return { outcome: "too_early" };
  if (!anyHour && at >= pass.until * MINUTE) return { outcome: "too_late" };
  return { outcome: "accepted" };
}

// reading: null · {proof: "foreign" | "damaged"} · a pass {proof: "good", signup, serial, sessions, from, until} ·
// a name or short code {signup}. known: {in, out} of that sign-up, as the list and this phone's own scans say.
// Gives {outcome, verdict, state?, reason?, lacks?, at?, row?}.
export function judge(pack, reading, { direction, at, known, anyHour = false }) {
  if (!reading) return refused("unknown");
  if (reading.proof && reading.proof !== "good") return refused("unknown", { reason: reading.proof });
  const row = pack.people.get(reading.signup);
  if (pack.gone.has(reading.signup)) return gone(pack, reading.signup);
  const lowest = Math.max(row?.serial ?? 0, pack.revoked.get(reading.signup) ?? 0);
  if (reading.proof && reading.serial < lowest) return refused("revoked", { row });
  if (!row && !reading.proof) return refused("unknown");
  const facts = { direction, at, known, anyHour };
  const found = row ? listed(pack, row, facts) : unlisted(pack, reading, facts);
  const verdict = found.outcome !== "accepted" ? "refused" : row ? "verified" : "unlisted";
  return { ...found, verdict, row };
}

// Someone came who had not signed up, or people were counted.
export function judgeUnannounced(pack, { kind, at, anyHour = false }) {
  const state = off(pack);
  const outcome = state ? OUTCOMES[state] : atTheDoors(pack, at, anyHour);
  if (outcome !== "accepted") return refused(outcome, state ? { state } : {});
  return { outcome, verdict: kind === "walk_in" ? "unlisted" : "verified" };
}
