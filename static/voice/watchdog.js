// Notices a line that went dead: the client itself says nothing when the network swallows everything.

const UNKNOWN_BEAT = 20_000; // before the service has shown how often it pings
const SHORTEST = 6_000;
const BEATS = 3.5; // pings that may be missed
const LOOK = 500;
const WAKING = 3_000; // after a sleep, for what waited in the network to arrive

/** Watch a line: call `beat(isPing)` for whatever arrives; `weak(bool)` and `dead()` are called in time. */
export class Watchdog {
  constructor({ weak, dead }) {
    Object.assign(this, { weak, dead, last: performance.now(), ping: null, between: null, isWeak: false });
    this.looked = this.last;
    this.timer = setInterval(() => this.look(), LOOK);
  }

  beat(isPing = false) {
    this.last = performance.now();
    if (isPing) {
      if (this.ping) this.between = Math.max(this.last - this.ping, this.between ?? 0);
      this.ping = this.last;
    }
    this.tell(false);
  }

  stop() {
    clearInterval(this.timer);
  }

  /** How long silence may last, in milliseconds. */
  get patience() {
    return this.between ? Math.min(UNKNOWN_BEAT, Math.max(SHORTEST, this.between * BEATS)) : UNKNOWN_BEAT;
  }

  look() {
    const now = performance.now();
    const asleep = now - this.looked > LOOK * 6; // the device slept, or the page was in the background
    this.looked = now;
    if (asleep) this.last = Math.max(this.last, now - this.patience + WAKING);
    const silence = now - this.last;
    if (silence > this.patience) this.dead();
    else this.tell(silence > this.patience / 2);
  }

  tell(isWeak) {
    if (isWeak !== this.isWeak) this.weak((this.isWeak = isWeak));
  }
}
