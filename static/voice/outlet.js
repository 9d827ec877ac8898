// Sound that the browser holds back until somebody presses something: noticed, said, and let through by a press.

import * as dock from "./dock.js";
import { isHeldBack, letThrough } from "./stopgaps.js";

const LOOK = 250; // milliseconds
const LONG = 700; // a context begins suspended for a moment

export class Outlet {
  /** `held(bool)` is told when sound is held back, and when it runs again. */
  constructor(held) {
    Object.assign(this, { held, isHeld: false, since: Infinity });
    this.timer = setInterval(() => this.look(), LOOK);
  }

  stop() {
    clearInterval(this.timer);
    this.tell(false);
  }

  look() {
    this.since = isHeldBack() ? Math.min(this.since, performance.now()) : Infinity;
    this.tell(performance.now() - this.since > LONG);
  }

  tell(isHeld) {
    if (isHeld === this.isHeld) return;
    this.isHeld = isHeld;
    dock.offerSound(isHeld);
    this.held(isHeld);
  }
}

document.getElementById("hear")?.addEventListener("click", letThrough);
