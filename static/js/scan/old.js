// Scans an earlier version of this page left behind in localStorage: taken into the journal once, then sent like any.

import { keys, read, remove } from "./store.js";

const PREFIX = "kepu-scan:";

function linkOf(key) {
  try {
    const { url, name, body, order } = JSON.parse(read(key));
    const session = /\/scan\/([^/]+)\/checkins/.exec(url)[1];
    const kind = body.signup ? "roster" : "pass";
    const draft = {
      nonce: body.nonce, session, kind, direction: body.direction, what: body.signup ?? body.code, method: body.method,
      scanned_at: body.scanned_at, offset_ms: 0, offline: false, rehearsal: false, verdict: "", outcome: "",
    };
    return { key, draft, name, order };
  } catch {
    return null; // not written by us
  }
}

export async function adoptOld(journal) {
  const found = keys(PREFIX).map(linkOf).filter(Boolean).sort((one, other) => one.order - other.order);
  for (const { key, draft, name } of found) {
    if (!(await journal.find(draft.nonce))) await journal.append(draft, { name });
    remove(key);
  }
}
