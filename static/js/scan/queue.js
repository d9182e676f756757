// Every scan is written down before it is sent and crossed out only when the server has answered it. What got no
// answer is sent again with the same nonce, so the server can tell a repeat from a second scan.

import { keys, read, remove, write } from "./store.js";

const PREFIX = "kepu-scan:";
const PATIENCE = 4000; // ms the person at the door waits for an answer
const GIVE_UP = 15000; // ms until a request counts as lost
const RETRY = [2000, 4000, 8000, 15000, 30000];

const kept = (reason, wait = 0) => ({ kept: reason, wait });

function parse(key) {
  try {
    return JSON.parse(read(key));
  } catch {
    return null; // not written by this page
  }
}

async function bodyOf(response) {
  if (!(response.headers.get("Content-Type") || "").includes("json")) return null;
  try {
    return await response.json();
  } catch {
    return null;
  }
}

// Only a JSON answer with an outcome settles a scan: hotel networks answer any request with a page of their own.
function judge(response, body) {
  if (response.type === "opaqueredirect" || response.status === 401) return kept("signed_out");
  if (response.status === 400 && body?.code === "form_expired") return kept("form_expired");
  if (body?.outcome && (body.outcome !== "accepted" || response.ok)) return body;
  // Not ours any more, or another's account: an answer about the pass would carry an outcome.
  if (body && [403, 404].includes(response.status)) return kept("forbidden");
  const later = [408, 425, 429].includes(response.status) || response.status >= 500 || response.ok;
  if (later || !body) return kept("server", 1000 * (Number(response.headers.get("Retry-After")) || 0));
  return { outcome: "refused", detail: body.detail };
}

export class Queue {
  #waiters = new Map(); // nonce → how to tell the one who is watching
  #running = null;
  #tried = new Set();
  #timer = 0;
  #failures = 0;

  // freshToken() → a new CSRF token, or null when signed out; late(item, answer); changed({waiting, reason})
  constructor({ csrf, freshToken, late, changed }) {
    Object.assign(this, { csrf, freshToken, late, changed, volatile: false, reason: "" });
    window.addEventListener("online", () => this.drain());
    document.addEventListener("visibilitychange", () => document.hidden || this.drain());
    window.addEventListener("beforeunload", (event) => {
      if (this.volatile && this.pending().length) event.preventDefault();
    });
  }

  pending() {
    return keys(PREFIX).map(parse).filter(Boolean).sort((a, b) => a.order - b.order);
  }

  // Resolves with the server's answer, or with {kept: reason} if there is none yet.
  add(item) {
    const entry = { ...item, order: Date.now() + Math.random() };
    if (!write(PREFIX + item.body.nonce, JSON.stringify(entry))) this.volatile = true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#tell(item.body.nonce, kept("slow")), PATIENCE);
      this.#waiters.set(item.body.nonce, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.drain();
    });
  }

  drain() {
    clearTimeout(this.#timer);
    this.#running ??= this.#run().then((stopped) => {
      this.#running = null;
      this.#rest(stopped);
    });
  }

  // After a round: those watching learn that there is no answer yet, and the next round is set.
  #rest(stopped) {
    const waiting = this.pending();
    const isNew = (item) => !stopped && !this.#tried.has(item.body.nonce); // written down as the round ended
    if (waiting.some(isNew)) {
      this.drain();
      return;
    }
    for (const item of waiting) this.#tell(item.body.nonce, kept(this.reason));
    if (waiting.length) {
      const pause = RETRY[Math.min(this.#failures, RETRY.length) - 1] ?? 0;
      this.#timer = setTimeout(() => this.drain(), Math.max(pause, this.pause));
    }
    this.changed({ waiting: waiting.length, reason: waiting.length ? this.reason : "" });
  }

  // Oldest first: nobody may be checked out before their own arrival has been sent. Says whether it stopped early.
  async #run() {
    this.#tried.clear();
    this.reason = "";
    this.pause = 0;
    for (let item = this.#next(); item; item = this.#next()) {
      this.#tried.add(item.body.nonce);
      const answer = await this.#send(item);
      if (!answer.kept) {
        this.#failures = 0;
        this.#settle(item, answer);
        continue;
      }
      this.reason = answer.kept;
      this.pause = answer.wait;
      this.#failures += 1;
      if (["network", "signed_out"].includes(answer.kept) || answer.wait) return true;
    }
    return false;
  }

  #next() {
    return this.pending().find((item) => !this.#tried.has(item.body.nonce));
  }

  async #send(item) {
    let answer = await this.#post(item);
    if (answer.kept === "form_expired") {
      const token = await this.freshToken().catch(() => undefined);
      if (token === undefined) return kept("network");
      if (token === null) return kept("signed_out");
      this.csrf = token;
      answer = await this.#post(item);
    }
    return answer.kept === "form_expired" ? kept("signed_out") : answer;
  }

  async #post(item) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), GIVE_UP);
    try {
      const response = await fetch(item.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.csrf },
        body: JSON.stringify(item.body),
        credentials: "same-origin",
        redirect: "manual",
        cache: "no-store",
        signal: stop.signal,
      });
      return judge(response, await bodyOf(response));
    } catch {
      return kept("network");
    } finally {
      clearTimeout(timer);
    }
  }

  #settle(item, answer) {
    remove(PREFIX + item.body.nonce);
    if (!this.#tell(item.body.nonce, answer)) this.late(item, answer);
  }

  #tell(nonce, answer) {
    const waiter = this.#waiters.get(nonce);
    this.#waiters.delete(nonce);
    waiter?.(answer);
    return Boolean(waiter);
  }
}
