// The live camera: about nine looks a second while the page is in front, the light on request.

import { loadReader, readCode } from "./reader.js";

const LOOK_EVERY = 110; // ms
const LONGEST_SIDE = 1280;
const TROUBLES = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

export class Camera {
  #stream = null;
  #turn = 0; // grows with every start and stop; a look of an earlier turn ends itself
  #wanted = false;
  #canvas = document.createElement("canvas");
  #pencil = this.#canvas.getContext("2d", { willReadFrequently: true });
  #lens = "";

  // onCode(text); onState({state, torch, lenses}) where state is "on", "off" or one of the troubles
  constructor({ video, reader, onCode, onState }) {
    Object.assign(this, { video, reader, onCode, onState });
    document.addEventListener("visibilitychange", () => {
      if (!this.#wanted) return;
      if (document.hidden) this.#release();
      else this.start();
    });
  }

  async start() {
    this.#wanted = true;
    this.#release();
    const turn = this.#turn;
    if (!navigator.mediaDevices?.getUserMedia) {
      this.onState({ state: window.isSecureContext ? "none" : "insecure" });
      return;
    }
    try {
      const wait = loadReader(this.reader).catch(() => {
        throw Object.assign(new Error("reader"), { trouble: "reader" });
      });
      const [stream] = await Promise.all([this.#open(turn), wait]);
      if (turn !== this.#turn || !stream) return;
      await this.#show(stream, turn);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#release();
      this.onState({ state: error.trouble || TROUBLES[error.name] || "none" });
    }
  }

  async #open(turn) {
    const lens = this.#lens ? { deviceId: { exact: this.#lens } } : { facingMode: { ideal: "environment" } };
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { ...lens, width: { ideal: 1280 }, height: { ideal: 720 } },
    });
    if (turn !== this.#turn) {
      stream.getTracks().forEach((track) => track.stop());
      return null;
    }
    this.#stream = stream;
    return stream;
  }

  async #show(stream, turn) {
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => {
      if (turn !== this.#turn) return;
      this.#release();
      this.onState({ state: "busy" });
    });
    this.video.srcObject = stream;
    await this.video.play();
    if (turn !== this.#turn) return;
    const inputs = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    const lenses = inputs.filter((input) => input.kind === "videoinput").length;
    this.onState({ state: "on", torch: Boolean(track.getCapabilities?.().torch), lenses });
    this.#look(turn);
  }

  #release() {
    this.#turn += 1;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.video.srcObject = null;
  }

  async #look(turn) {
    if (turn !== this.#turn) return;
    const began = performance.now();
    const text = await this.#read().catch(() => "");
    if (turn !== this.#turn) return;
    if (text) this.onCode(text);
    setTimeout(() => {
      if (turn !== this.#turn) return;
      if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(() => this.#look(turn));
      else this.#look(turn);
    }, Math.max(15, LOOK_EVERY - (performance.now() - began)));
  }

  async #read() {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!width || this.video.readyState < 2) return "";
    const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    this.#pencil.drawImage(this.video, 0, 0, this.#canvas.width, this.#canvas.height);
    return readCode(this.#pencil.getImageData(0, 0, this.#canvas.width, this.#canvas.height));
  }

  async torch(on) {
    await this.#stream?.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
  }

  // The next lens of those the device has: phones with several often begin with the wrong one.
  async nextLens() {
    const inputs = await navigator.mediaDevices.enumerateDevices();
    const lenses = inputs.filter((input) => input.kind === "videoinput").map((input) => input.deviceId);
    const now = this.#stream?.getVideoTracks()[0].getSettings().deviceId;
    this.#lens = lenses[(lenses.indexOf(now) + 1) % lenses.length] || "";
    await this.start();
  }
}
