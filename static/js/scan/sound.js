// What an answer sounds and feels like: rising for yes, the same note twice for "already", a low buzz for no.

const TUNES = {
  accepted: { notes: [[880, 0, 0.11], [1320, 0.12, 0.18]], wave: "sine", shake: [70] },
  unlisted: { notes: [[880, 0, 0.1], [660, 0.12, 0.1], [880, 0.24, 0.16]], wave: "sine", shake: [70, 60, 70] },
  repeated: { notes: [[620, 0, 0.12], [620, 0.2, 0.12]], wave: "triangle", shake: [60, 80, 60] },
  refused: { notes: [[150, 0, 0.45]], wave: "sawtooth", shake: [280] },
  kept: { notes: [[520, 0, 0.12], [390, 0.14, 0.2]], wave: "triangle", shake: [40, 60, 40, 60, 40] },
};

export class Sound {
  #context = null;
  #touched = false;

  constructor(on) {
    this.on = on;
    // Browsers keep a page silent until it is touched once.
    for (const kind of ["pointerdown", "keydown"]) {
      document.addEventListener(kind, () => this.#wake(), { capture: true, passive: true });
    }
    for (const kind of ["pointerup", "keydown"]) {
      document.addEventListener(kind, () => (this.#touched = true), { capture: true, passive: true });
    }
  }

  #wake() {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (!Context || !this.on) return;
    try {
      this.#context ??= new Context();
      if (this.#context.state === "suspended") this.#context.resume().catch(() => {});
    } catch {
      this.#context = null; // no sound device: word, shape and colour remain
    }
  }

  play(kind) {
    const tune = TUNES[kind];
    if (!tune) return;
    // Before a touch a browser refuses to shake, and complains; older ones cannot be asked whether there was one.
    if (navigator.userActivation?.hasBeenActive ?? this.#touched) navigator.vibrate?.(tune.shake);
    if (!this.on) return;
    this.#wake();
    if (this.#context?.state !== "running") return;
    const start = this.#context.currentTime + 0.01;
    for (const [pitch, after, length] of tune.notes) this.#note(tune.wave, pitch, start + after, length);
  }

  #note(wave, pitch, at, length) {
    const tone = this.#context.createOscillator();
    const volume = this.#context.createGain();
    tone.type = wave;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.4, at + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + length);
    tone.connect(volume).connect(this.#context.destination);
    tone.start(at);
    tone.stop(at + length + 0.02);
  }
}
