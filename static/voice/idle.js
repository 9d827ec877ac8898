// Nobody speaks and nobody types: first a countdown, then the call ends by itself.

const LOOK = 500; // milliseconds

export class Idle {
  quiet = 0; // milliseconds since the visitor was last heard of, without what the persona took

  /**
   * `after` (0: never) and `countdown` are seconds. `isOccupied()` says that the persona speaks or thinks, which is nobody's
   * idleness. `left(seconds)` is called when a countdown changes, with null when there is none any more, `over()` at its end.
   */
  constructor({ after, countdown, isOccupied, left, over }) {
    Object.assign(this, { after: after * 1000, countdown: countdown * 1000, isOccupied, left, over, told: null });
    this.looked = performance.now();
    if (after) this.timer = setInterval(() => this.look(), LOOK);
  }

  get isCounting() {
    return this.told !== null;
  }

  /** The visitor said, typed or pressed something. */
  touch() {
    this.quiet = 0;
    this.tell(null);
  }

  stop() {
    clearInterval(this.timer);
  }

  look() {
    const now = performance.now();
    if (!this.isOccupied()) this.pass(now - this.looked);
    this.looked = now;
    const left = this.after + this.countdown - this.quiet;
    if (left <= 0) this.over();
    else this.tell(left <= this.countdown ? Math.ceil(left / 1000) : null);
  }

  /** A page that slept for a while still counts down. */
  pass(milliseconds) {
    const before = this.quiet;
    this.quiet += milliseconds;
    if (before < this.after) this.quiet = Math.min(this.quiet, this.after);
  }

  tell(left) {
    if (left !== this.told) this.left((this.told = left));
  }
}
