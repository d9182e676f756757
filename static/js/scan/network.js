// Talking to the server. Only an answer of ours counts: hotel networks answer any request with a page of their own,
// and navigator.onLine knows nothing.

import { setRight } from "./moments.js";

const CLOCK_ROUND_TRIP = 3000; // ms; a slower answer says too little about the time

// kind: network · slow · server · signed_out · expired · forbidden · refused. wait: ms the server asks us to stay away.
export class Trouble extends Error {
  constructor(kind, { wait = 0, status = 0, body = null } = {}) {
    super(kind);
    Object.assign(this, { kind, wait, status, body });
  }
}

async function jsonOf(response) {
  if (!(response.headers.get("Content-Type") || "").includes("json")) return null;
  try {
    return await response.json();
  } catch {
    return null;
  }
}

// Codes with which the server says that this phone's pairing is over.
const ENDED = new Set(["pairing_expired", "device_expired", "device_revoked", "pairing_ended"]);

function troubleOf(response, body) {
  const { status } = response;
  if (ENDED.has(body?.code)) return new Trouble("expired", { status, body });
  if (response.type === "opaqueredirect" || (status === 401 && body)) return new Trouble("signed_out", { status, body });
  const wait = 1000 * (Number(response.headers.get("Retry-After")) || 0);
  if (!body || status >= 500 || [408, 425, 429].includes(status)) return new Trouble("server", { wait, status, body });
  if ([403, 404].includes(status)) return new Trouble("forbidden", { status, body });
  return new Trouble("refused", { status, body });
}

export class Network {
  csrf = "";
  #offset = 0;
  roundTrip = Infinity; // of the last hello

  // ms to be added to this phone's clock
  get offset() {
    return this.#offset;
  }

  set offset(found) {
    this.#offset = found;
    setRight(found); // what the pages say is by the right clock too
  }

  async #send(path, { method = "GET", headers = {}, body, patience }) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), patience);
    try {
      const response = await fetch(path, {
        method,
        headers: { Accept: "application/json", "X-Kepu-Device": "1", ...headers },
        body,
        credentials: "same-origin",
        redirect: "manual",
        cache: "no-store",
        signal: stop.signal,
      });
      return { response, body: response.status === 304 ? null : await jsonOf(response) };
    } catch {
      throw new Trouble(stop.signal.aborted ? "slow" : "network");
    } finally {
      clearTimeout(timer);
    }
  }

  // Who we are to the server, its time, a token for what we send, and what it has of our chain.
  async hello(patience, chain) {
    const sent = Date.now();
    const { response, body } = await this.#send(`/scan/hello.json${chain ? `?chain=${chain.id}` : ""}`, { patience });
    const roundTrip = Date.now() - sent;
    if (!response.ok || typeof body?.now !== "number") throw troubleOf(response, body);
    this.csrf = body.csrf ?? "";
    this.roundTrip = roundTrip;
    if (roundTrip >= 0 && roundTrip < CLOCK_ROUND_TRIP) this.offset = Math.round(body.now - sent - roundTrip / 2);
    return body;
  }

  // The pack, or null where the one we have is the newest.
  async pack(session, version, patience) {
    const headers = version ? { "If-None-Match": `"${version}"` } : {};
    const { response, body } = await this.#send(`/scan/${session}/pack.json`, { headers, patience });
    if (response.status === 304) return null;
    if (!response.ok || !Array.isArray(body?.roster)) throw troubleOf(response, body);
    return body;
  }

  async post(path, content, patience) {
    const answer = await this.#post(path, content, patience);
    if (answer.body?.code !== "form_expired") return this.#read(answer);
    await this.hello(patience); // open longer than the token lives
    return this.#read(await this.#post(path, content, patience));
  }

  #post(path, content, patience) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": this.csrf };
    return this.#send(path, { method: "POST", headers, body: JSON.stringify(content), patience });
  }

  #read({ response, body }) {
    if (!response.ok || !body) throw troubleOf(response, body);
    return body;
  }
}
