// Names on the disk of this phone: encrypted with AES-GCM. Each key lies beside what it opens, cannot be read out of the
// browser, and goes when that goes.

const HOW = "AES-GCM";

export async function hide(content) {
  const key = await crypto.subtle.generateKey({ name: HOW, length: 256 }, false, ["encrypt", "decrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(content));
  return { key, iv, data: await crypto.subtle.encrypt({ name: HOW, iv }, key, plain) };
}

// Raises where it was damaged.
export async function reveal({ key, iv, data }) {
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: HOW, iv }, key, data)));
}
