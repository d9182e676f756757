// The kiosk's gate: a PIN of which only a salted, stretched hash is kept, and a pause after five wrong tries.

import { fromBase64url, toBase64url } from "./chain.js";
import { keys, read, remove, write } from "./store.js";

const ROUNDS = 200_000; // of PBKDF2-SHA-256: ten million PINs are no riddle, but each costs a fraction of a second
const TRIES = 5;
const PAUSE = 60_000; // ms

const PLACE = "kepu-kiosk:";

// The session whose kiosk this tablet is, behind a gate that is closed; undefined for none.
export const heldSession = () => keys(PLACE)[0]?.slice(PLACE.length);

async function stretched(pin, salt) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return toBase64url(new Uint8Array(await crypto.subtle.deriveBits(how, key, 256)));
}

export class Gate {
  constructor(session) {
    this.place = PLACE + session;
  }

  // {ways} of a kiosk that is at work, also after a reload; null else.
  get held() {
    const kept = read(this.place);
    return kept ? JSON.parse(kept) : null;
  }

  #keep(changes) {
    write(this.place, JSON.stringify({ ...this.held, ...changes }));
  }

  // `who`: the pairing and the sign-in it was closed under.
  async close(pin, { ways, who }) {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    this.#keep({ ways, who, salt: toBase64url(salt), hash: await stretched(pin, salt), wrong: 0, until: 0 });
  }

  // For whoever forgot the PIN, and for no passer-by: an organiser has ended the pairing or made another one, or
  // somebody who may scan has given their password since. Only the server's word counts. The gate is then gone.
  release({ revoked, who }) {
    const { held } = this;
    if (!held || !(revoked || who)) return false;
    if (!revoked && !held.who) {
      this.#keep({ who }); // closed without network
      return false;
    }
    const isOtherPairing = who?.device && held.who?.device && who.device !== held.who.device;
    const isNewSignIn = who?.signedInAt && who.signedInAt !== held.who?.signedInAt;
    if (!revoked && !isOtherPairing && !isNewSignIn) return false;
    remove(this.place);
    return true;
  }

  // Seconds until the next try may be made.
  get wait() {
    return Math.max(0, Math.ceil(((this.held?.until ?? 0) - Date.now()) / 1000));
  }

  // Whether the PIN opens it; the gate is then gone.
  async open(pin) {
    const held = this.held;
    if (!held || this.wait) return false;
    if ((await stretched(pin, fromBase64url(held.salt))) === held.hash) {
      remove(this.place);
      return true;
    }
    const wrong = held.wrong + 1;
    this.#keep(wrong < TRIES ? { wrong } : { wrong: 0, until: Date.now() + PAUSE });
    return false;
  }
}
