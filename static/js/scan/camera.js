// The live camera: about nine looks a second while the page is in front, the light on request. One that does not answer, or
// gives no pictures, is said to be silent; it is waited for all the same.

import { loadReader, longestSide, readCode } from "./reader.js";

const LOOK_EVERY = 110; // ms
const SILENCE = 5000; // ms without an answer, or a new picture, after which the person is told
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
  #watch = 0;
  #movedAt = 0; // when the last new picture came
  #moment = -1; // of the stream, then
  #waitsFor = "silent"; // what is said when nothing happens: the camera, or the program that reads
  #state = "";

  // onCode(text); onState({state, torch, lenses}) where state is "on", "silent", "loading" or one of the troubles
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
      this.#say({ state: window.isSecureContext ? "none" : "insecure" });
      return;
    }
    this.#guard(turn);
    const wait = loadReader(this.reader).catch(() => {
      throw Object.assign(new Error("reader"), { trouble: "reader" });
    });
    wait.catch(() => {}); // told when it is waited for
    try {
      const stream = await this.#open(turn);
      if (!stream) return;
      this.#waitsFor = "loading";
      await wait;
      if (turn !== this.#turn) return;
      this.#waitsFor = "silent";
      await this.#show(stream, turn);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#release();
      this.#say({ state: error.trouble || TROUBLES[error.name] || "none" });
    }
  }

  #say(now) {
    this.#state = now.state;
    this.onState(now);
  }

  // Some cameras never answer, some open and show nothing, some stop when another program takes them.
  #guard(turn) {
    this.#movedAt = Date.now();
    this.#moment = -1;
    this.#waitsFor = "silent";
    this.#watch = setInterval(() => {
      if (turn !== this.#turn || document.hidden) return void (this.#movedAt = Date.now());
      if (this.#state !== this.#waitsFor && Date.now() - this.#movedAt >= SILENCE) this.#say({ state: this.#waitsFor });
    }, SILENCE / 10);
  }

  // A picture has come: whether another one than before.
  #moved() {
    const { currentTime, videoWidth, readyState } = this.video;
    if (!videoWidth || readyState < 2 || currentTime === this.#moment) return;
    this.#moment = currentTime;
    this.#movedAt = Date.now();
    if (this.#state !== "on") this.#come();
  }

  #come() {
    const turn = this.#turn;
    const [track] = this.#stream.getVideoTracks();
    const torch = Boolean(track.getCapabilities?.().torch);
    this.#say({ state: "on", torch, lenses: 0 });
    this.#lenses().then(({ length: lenses }) => {
      if (turn === this.#turn && this.#state === "on" && lenses > 1) this.#say({ state: "on", torch, lenses });
    });
  }

  #lenses() {
    const asking = navigator.mediaDevices.enumerateDevices().catch(() => []);
    return asking.then((inputs) => inputs.filter((input) => input.kind === "videoinput"));
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
      this.#say({ state: "busy" });
    });
    this.video.srcObject = stream;
    this.#look(turn); // play() waits for the first picture, and some cameras never give one
    await this.video.play();
  }

  #release() {
    this.#turn += 1;
    this.#state = "";
    clearInterval(this.#watch);
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.video.srcObject = null;
  }

  async #look(turn) {
    if (turn !== this.#turn) return;
    const began = performance.now();
    this.#moved();
    const text = await this.#read().catch(() => "");
    if (turn !== this.#turn) return;
    if (text) this.onCode(text);
    const took = performance.now() - began; // a slow reader leaves the page as much time as it takes
    setTimeout(() => this.#look(turn), Math.max(15, took, LOOK_EVERY - took));
  }

  async #read() {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!width || this.video.readyState < 2) return "";
    const scale = Math.min(1, longestSide() / Math.max(width, height));
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
    const lenses = (await this.#lenses()).map((input) => input.deviceId);
    const now = this.#stream?.getVideoTracks()[0].getSettings().deviceId;
    this.#lens = lenses[(lenses.indexOf(now) + 1) % lenses.length] || "";
    await this.start();
  }
}
