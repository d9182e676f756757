// The QR reader (zxing as WebAssembly, served by ourselves), loaded when first needed.

const OPTIONS = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 };
const PHOTO_SIDE = 1600;

let loading = null;

function addScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error("reader"));
    document.head.append(script);
  });
}

async function prepare({ script, wasm }) {
  if (!window.ZXingWASM) await addScript(script);
  await window.ZXingWASM.prepareZXingModule({
    overrides: { locateFile: (name, folder) => (name.endsWith(".wasm") ? wasm : folder + name) },
    fireImmediately: true,
  });
}

export function loadReader(addresses) {
  loading ??= prepare(addresses).catch((error) => {
    loading = null; // the next try may find the network back
    throw error;
  });
  return loading;
}

// Text of the QR code in the picture (ImageData or Blob), or "".
export async function readCode(picture) {
  const found = await window.ZXingWASM.readBarcodes(picture, OPTIONS);
  return found.find((code) => code.text)?.text.trim() ?? "";
}

// A photo from the phone's own camera: made smaller first, because twelve megapixels take seconds.
export async function readPhoto(file) {
  if (!window.createImageBitmap) return readCode(file);
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, PHOTO_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const pencil = canvas.getContext("2d");
  pencil.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return readCode(pencil.getImageData(0, 0, canvas.width, canvas.height));
}
