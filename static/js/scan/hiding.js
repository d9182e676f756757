// What of a scan, a list or another phone's scans names people, hidden before it is written and shown when it is read.

import { canSeal } from "./chain.js";
import { hide, reveal } from "./vault.js";

// --- scans: {nonce, link, name, said, final, …}

const isNamed = ({ link }) => link?.kind === "walk_in" && /\S \S/.test(link.what);

// Whom the list has is named by the list; an answer keeps only which sign-up it is.
function nameless({ name, said, final, ...row }) {
  const made = { ...row };
  if (row.link?.kind === "heads" && name) made.name = name; // a number and a group
  if (said !== undefined) made.said = withoutPerson(said);
  if (final !== undefined) made.final = withoutPerson(final);
  return made;
}

function withoutPerson(answer) {
  if (!answer) return answer;
  const { person: _person, ...rest } = answer;
  return rest;
}

async function hiddenLink(row) {
  const bare = nameless(row);
  if (!isNamed(row) || !canSeal()) return bare;
  return { ...bare, link: { ...row.link, what: "" }, hidden: await hide(row.link.what) };
}

// `put` of a change, ready for the disk.
export function hidden(put) {
  return Promise.all(put.map(async ([store, row, key]) => [store, store === "links" ? await hiddenLink(row) : row, key]));
}

async function shownLink(row) {
  if (!row.hidden) return row;
  const { hidden: closed, ...rest } = row;
  const what = await reveal(closed).catch(() => "");
  return { ...rest, link: { ...row.link, what } };
}

export const shown = (rows) => Promise.all(rows.map(shownLink));

// --- lists: {session, pack, at, askedAt}

const overAt = ({ session, rules }) => Date.parse(session.ends_at) + rules.late_minutes * 60_000;

export async function hiddenPack({ session, pack, at, askedAt }) {
  return { session, at, askedAt, over: overAt(pack), hidden: await hide(pack) };
}

export async function shownPack({ session, pack, at, askedAt, hidden: closed }) {
  const opened = pack ?? (await reveal(closed).catch(() => null));
  return opened ? { session, pack: opened, at, askedAt } : undefined;
}

export const overOf = ({ over, pack }) => over ?? overAt(pack);

// --- what other phones gave us to bring: {id, chain, device, links}

export async function hiddenBundle({ links, ...bundle }) {
  if (!canSeal()) return { ...bundle, links };
  return { ...bundle, count: links.length, hidden: await hide(links) };
}

async function shownBundle({ hidden: closed, ...row }) {
  return row.links ? row : { ...row, links: await reveal(closed) };
}

// What was damaged stays where it is.
export async function shownBundles(rows) {
  return (await Promise.all(rows.map((row) => shownBundle(row).catch(() => null)))).filter(Boolean);
}
