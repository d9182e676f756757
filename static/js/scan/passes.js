// A pass as it was read, and whether its signature is right: docs/scanning.md 1. Vectors: tests/vectors/passes.json.

const LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's; five bits each
const PRINTED = /^[!-~]{1,1000}$/; // all that a pass or its address consists of
const ADDRESS = /\/p\/([^/?#]+)\/?(?:[?#].*)?$/i;
const FORM = /^(es256\.[0-9a-hjkmnp-tv-z]{40}(?:[0-9a-hjkmnp-tv-z]{18})+)\.([0-9a-hjkmnp-tv-z]{103})$/;
const HEAD = 40; // letters before the sessions: key 8, sign-up 18, serial 2, from 6, until 6
const ID = 18;
const SIGNATURE_BITS = 512n;
const SPARE_BITS = 3n; // 103 letters hold three bits more than the signature has

function bigNumber(letters) {
  let number = 0n;
  for (const letter of letters) number = (number << 5n) | BigInt(LETTERS.indexOf(letter));
  return number;
}

const number = (letters) => Number(bigNumber(letters));

// The 64 bytes of a signature, or null where the spare bits hold something.
function signatureBytes(letters) {
  const whole = bigNumber(letters);
  if (whole & ((1n << SPARE_BITS) - 1n)) return null;
  const hex = (whole >> SPARE_BITS).toString(16).padStart(Number(SIGNATURE_BITS) / 4, "0");
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

function codeIn(text) {
  const plain = String(text).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  if (!PRINTED.test(plain)) return "";
  return plain.includes("/") ? (ADDRESS.exec(plain)?.[1] ?? "") : plain;
}

// A text taken apart, not yet believed: null for what is no pass, {broken: true} for one that is cut off, else
// {key, signup, serial, from, until (minutes since 1970), sessions, body, signature}.
export function parsePass(text) {
  const code = codeIn(text).toLowerCase();
  if (!code.startsWith("es256.")) return null;
  const found = FORM.exec(code);
  if (!found) return { broken: true };
  const [, body, signature] = found;
  const said = body.slice("es256.".length);
  const sessions = [];
  for (let at = HEAD; at < said.length; at += ID) sessions.push(said.slice(at, at + ID));
  return {
    key: said.slice(0, 8),
    signup: said.slice(8, 26),
    serial: number(said.slice(26, 28)),
    from: number(said.slice(28, 34)),
    until: number(said.slice(34, 40)),
    sessions,
    body,
    signature,
  };
}

function fromBase64url(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

// The keys of a pack, ready to check with: a Map from kid to key. A key of a kind this page does not know is left out.
export async function importKeys(keys) {
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const known = keys.filter((key) => key.alg === "ES256");
  const made = known.map(async ({ kid, public: point }) => {
    return [kid, await crypto.subtle.importKey("raw", fromBase64url(point), curve, false, ["verify"])];
  });
  return new Map(await Promise.all(made));
}

// "good", "foreign" (a key we do not have) or "damaged" (cut off, or the signature is wrong).
export async function verifyPass(parsed, keys) {
  if (parsed.broken) return "damaged";
  const key = keys.size ? keys.get(parsed.key) : null;
  if (!key) return "foreign";
  const signature = signatureBytes(parsed.signature);
  if (!signature) return "damaged";
  const signed = new TextEncoder().encode(parsed.body);
  const isRight = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, signed);
  return isRight ? "good" : "damaged";
}
