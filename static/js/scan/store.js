// What this device remembers. Some browsers refuse localStorage (private windows, full disk): then memory serves.

const memory = new Map();

export function read(key) {
  if (memory.has(key)) return memory.get(key);
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

// Returns false where the value will not outlive the page.
export function write(key, value) {
  try {
    localStorage.setItem(key, value);
    memory.delete(key);
    return true;
  } catch {
    memory.set(key, value);
    return false;
  }
}

export function remove(key) {
  memory.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    // nothing was kept there
  }
}

export function keys(prefix) {
  const found = new Set([...memory.keys()]);
  try {
    for (let index = 0; index < localStorage.length; index += 1) found.add(localStorage.key(index));
  } catch {
    // memory only
  }
  return [...found].filter((key) => key.startsWith(prefix));
}

// crypto.randomUUID exists only on https and localhost; typed codes must work everywhere.
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function deviceId() {
  let id = read("kepu-device");
  if (!id) {
    id = newId();
    write("kepu-device", id);
  }
  return id;
}
