// The level meter: follows what the microphone hears and what is really played, and notices the visitor's voice.

const BARS = 22;
const EVERY = 50; // milliseconds
const VOICE = 0.11; // the client's level: 0 in silence, around 0.4 in speech
const PAUSE = 700; // between words it still counts as speaking
const SILENCE = 10_000; // of a microphone that gives nothing at all: a room is never that quiet

const box = document.getElementById("levels");
const presence = box?.parentElement.querySelector(".presence");

export class Meter {
  /**
   * `input()` and `output()` give levels from 0 to 1; `hearing(bool)` tells when a voice comes and goes, `silent(bool)`
   * when nothing at all has come from the microphone since the beginning.
   */
  constructor({ input, output, speaking, hearing, silent }) {
    Object.assign(this, { input, output, speaking, hearing, silent, heard: false, lastVoice: -Infinity, last: 0 });
    Object.assign(this, { began: performance.now(), isSilent: false });
    this.levels = new Array(BARS).fill(0);
    this.bars = this.levels.map(() => document.createElement("span"));
    box.replaceChildren(...this.bars);
    this.frame = requestAnimationFrame((now) => this.step(now));
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.levels.fill(0);
    this.draw();
  }

  step(now) {
    this.frame = requestAnimationFrame((next) => this.step(next));
    if (now - this.last < EVERY) return;
    this.last = now;
    const input = this.input();
    this.levels.push(Math.min(1, 1.4 * Math.sqrt(this.speaking() ? this.output() : input)));
    this.levels.shift();
    this.draw();
    this.listen(input, now);
  }

  draw() {
    this.bars.forEach((bar, index) => {
      bar.style.transform = `scaleY(${(0.08 + 0.92 * this.levels[index]).toFixed(2)})`;
    });
    presence.style.setProperty("--level", this.levels.at(-1).toFixed(2));
  }

  listen(input, now) {
    if (input > VOICE) this.lastVoice = now;
    const heard = now - this.lastVoice < PAUSE;
    if (heard !== this.heard) this.hearing((this.heard = heard));
    if (input > 0) this.began = Infinity;
    const isSilent = now - this.began > SILENCE;
    if (isSilent !== this.isSilent) this.silent((this.isSilent = isSilent));
  }
}
