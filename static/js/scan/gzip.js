// Bytes as gzip without packing them (RFC 1952, blocks of RFC 1951 stored as they are), for browsers that cannot pack.

const BLOCK = 65535;
const HEAD = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

const TABLE = Uint32Array.from({ length: 256 }, (_, number) => {
  let left = number;
  for (let bit = 0; bit < 8; bit += 1) left = left & 1 ? (left >>> 1) ^ 0xedb88320 : left >>> 1;
  return left >>> 0;
});

function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 255] ^ (sum >>> 8);
  return ~sum >>> 0;
}

const four = (number) => [number & 255, (number >>> 8) & 255, (number >>> 16) & 255, number >>> 24];

export function stored(bytes) {
  const parts = [HEAD];
  for (let at = 0; at === 0 || at < bytes.length; at += BLOCK) {
    const block = bytes.subarray(at, at + BLOCK);
    const isLast = at + BLOCK >= bytes.length;
    const [low, high] = four(block.length);
    parts.push([Number(isLast), low, high, low ^ 255, high ^ 255], block);
  }
  parts.push(four(crc32(bytes)), four(bytes.length));
  const made = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}
