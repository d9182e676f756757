// The reader of QR codes, loaded when first needed: zxing as WebAssembly, served by ourselves. Where the browser refuses
// that (by our policy Chrome before 97 and iOS before 16, which do not know 'wasm-unsafe-eval') one in plain script reads
// instead: slower, and only what is held still.

const OPTIONS = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 };
const PHOTO_SIDE = 1600;
const FAST_SIDE = 1280;
const PLAIN_SIDE = 640;
const SMALLEST_PROGRAM = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

let loading = null;
let isPlain = false;

function addScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error("reader"));
    document.head.append(script);
  });
}

function mayCompile() {
  try {
    return Boolean(new WebAssembly.Module(SMALLEST_PROGRAM));
  } catch {
    return false;
  }
}

async function prepareFast({ script, wasm }) {
  if (!window.ZXingWASM) await addScript(script);
  await window.ZXingWASM.prepareZXingModule({
    overrides: { locateFile: (name, folder) => (name.endsWith(".wasm") ? wasm : folder + name) },
    fireImmediately: true,
  });
}

async function preparePlain({ plain }) {
  if (!window.jsQR) await addScript(plain);
  isPlain = true;
  // Not among the files every phone keeps: this one needs it without network too.
  navigator.serviceWorker?.ready.then(({ active }) => active.postMessage({ keep: plain })).catch(() => {});
}

// Where the plain one cannot be loaded either it is the network.
async function prepare(addresses) {
  if (!mayCompile()) return preparePlain(addresses);
  return prepareFast(addresses).catch(() => preparePlain(addresses));
}

export function loadReader(addresses) {
  loading ??= prepare(addresses).catch((error) => {
    loading = null; // the next try may find the network back
    throw error;
  });
  return loading;
}

// Pixels of a camera's picture beyond which reading takes longer and finds no more.
export const longestSide = () => (isPlain ? PLAIN_SIDE : FAST_SIDE);

// Text of the QR code in the picture, or "". `still`: it is a photo, for which there is time.
export async function readCode(picture, still = false) {
  if (isPlain) return readPlain(picture, still);
  const found = await window.ZXingWASM.readBarcodes(picture, OPTIONS);
  return found.find((code) => code.text)?.text.trim() ?? "";
}

function readPlain({ data, width, height }, still) {
  const found = window.jsQR(data, width, height, { inversionAttempts: still ? "attemptBoth" : "dontInvert" });
  return found?.data.trim() ?? "";
}

// A photo from the phone's own camera: made smaller first, because twelve megapixels take seconds.
export async function readPhoto(file) {
  const picture = await decoded(file);
  const scale = Math.min(1, PHOTO_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pencil = canvas.getContext("2d");
  pencil.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close?.();
  return readCode(pencil.getImageData(0, 0, canvas.width, canvas.height), true);
}

async function decoded(file) {
  if (window.createImageBitmap) return createImageBitmap(file);
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(image.src);
  }
}
