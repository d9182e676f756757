// The seal of a link: HMAC-SHA256 over its lines, with a key that cannot be read out of this browser again.

const encoder = new TextEncoder();

export const canSeal = () => Boolean(globalThis.crypto?.subtle);

export function toBase64url(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function fromBase64url(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

export async function digest(text) {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))));
}

export const importChainKey = (key) =>
  crypto.subtle.importKey("raw", fromBase64url(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

// The lines of docs/scanning.md 4, in their order.
export function linesOf(chain, link) {
  const { counter, prev, nonce, session, kind, direction, what, method, scanned_at, offset_ms } = link;
  const marks = [Number(link.offline), Number(link.rehearsal), link.verdict, link.outcome];
  const lines = ["kepu1", chain, counter, prev, nonce, session, kind, direction, what, method, scanned_at, offset_ms];
  return [...lines, ...marks].join("\n");
}

export async function macOf(chain, key, link) {
  const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(linesOf(chain, link)));
  return toBase64url(new Uint8Array(mac));
}

// A text as a link may hold it: one line, no half characters (they would be sealed as something else), not endless.
export function tidy(text, limit) {
  const signs = Array.from(String(text).replace(/[\u0000-\u001f\u007f]+/g, " ")).slice(0, limit);
  return signs.map((sign) => (/^[\ud800-\udfff]$/.test(sign) ? "\ufffd" : sign)).join("");
}
