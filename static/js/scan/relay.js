// Handing scans over without a network: as a file, or as a series of QR codes another phone reads.

import { digest, fromBase64url, toBase64url } from "./chain.js";
import { stored } from "./gzip.js";

export const FORMAT = "kepu-scans-1";
const PIECE = 600; // characters in one QR: readable from a cheap screen by a cheap camera
const PREFIX = /^KEPU1:([\w-]{8}):(\d{1,4})\/(\d{1,4}):([\w-]+)$/;
const LARGEST = 20 * 1024 * 1024; // characters of a file; a day of a busy door has one

export class NotOurs extends Error {}

export function fileOf({ chain, device, links }) {
  return JSON.stringify({ format: FORMAT, chain, device, made_at: new Date().toISOString(), links });
}

export function fileName(device) {
  const name = (device || "phone").replace(/[^\p{L}\p{N}-]+/gu, "-").slice(0, 40);
  const day = new Date().toLocaleDateString("sv", { timeZone: "Asia/Shanghai" });
  return `kepu-${day}-${name}.json`;
}

// What a file says, checked as far as another phone can; raises NotOurs.
export function readFile(text) {
  let found = null;
  try {
    found = text.length <= LARGEST ? JSON.parse(text) : null;
  } catch {
    // said below
  }
  const isWhole = found?.format === FORMAT && typeof found.chain === "string" && Array.isArray(found.links);
  if (!isWhole || !found.links.length || found.links.some((link) => typeof link?.nonce !== "string")) throw new NotOurs();
  return found;
}

async function through(bytes, transform) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(transform)).arrayBuffer());
}

// Safari can since 16.4. Without it a phone still gives its scans, in more pictures (what is stored as it is makes a right
// gzip too), and takes another's as a file.
const canPack = () => "CompressionStream" in globalThis;
export const canUnpack = () => "DecompressionStream" in globalThis;

const pack = (bytes) => (canPack() ? through(bytes, new CompressionStream("gzip")) : stored(bytes));

// The whole as texts of QR codes.
export async function cut(text) {
  const packed = toBase64url(await pack(new TextEncoder().encode(text)));
  const mark = (await digest(packed)).slice(0, 8);
  const total = Math.ceil(packed.length / PIECE);
  const pieces = Array.from({ length: total }, (_, index) => packed.slice(index * PIECE, (index + 1) * PIECE));
  return pieces.map((piece, index) => `KEPU1:${mark}:${index + 1}/${total}:${piece}`);
}

export const isPiece = (text) => PREFIX.test(text);

// Collects the pieces of one series, in any order.
export class Gathering {
  #mark = "";
  #total = 0;
  #pieces = new Map();
  #taken = ""; // the series that is whole: its pictures go on turning before the camera

  // {have, total, done, text}: `text` is the file once all pieces fit, given once. Raises NotOurs.
  async take(piece) {
    const found = PREFIX.exec(piece);
    if (!found) throw new NotOurs();
    const [, mark, number, total, part] = found;
    if (mark === this.#taken) return { have: Number(total), total: Number(total), done: true };
    if (mark !== this.#mark || Number(total) !== this.#total) {
      this.#mark = mark; // another series began
      this.#total = Number(total);
      this.#pieces.clear();
    }
    if (Number(number) < 1 || Number(number) > this.#total) throw new NotOurs();
    this.#pieces.set(Number(number), part);
    const progress = { have: this.#pieces.size, total: this.#total, done: this.#pieces.size === this.#total };
    return progress.done ? { ...progress, text: await this.#join() } : progress;
  }

  async #join() {
    const packed = Array.from({ length: this.#total }, (_, index) => this.#pieces.get(index + 1)).join("");
    const fits = (await digest(packed)).slice(0, 8) === this.#mark;
    this.#pieces.clear();
    if (!fits) throw new NotOurs();
    this.#taken = this.#mark;
    try {
      return new TextDecoder().decode(await through(fromBase64url(packed), new DecompressionStream("gzip")));
    } catch {
      throw new NotOurs();
    }
  }
}
