// The visitor's voice in a running call: through which microphone, and whether it is heard.

import { announce, warn } from "./notice.js";
import { say } from "./sentences.js";
import { follow } from "./wishes.js";

export class Voice {
  /** `status` shows what is so; `lost()` is called when no microphone is left. */
  constructor(session, status, lost) {
    Object.assign(this, { session, status, lost });
    status.note({ muted: session.muted, holding: session.muted });
    this.stop = follow(session, { hold: (holding) => this.turnToHolding(holding), tell: (name) => warn(say(name)) });
  }

  toggle() {
    if (!this.status.holding) this.setMuted(!this.status.muted);
  }

  /** Push-to-talk: the microphone is open while something is held. */
  hold(held) {
    if (this.status.holding) this.setMuted(!held);
  }

  turnToHolding(holding) {
    this.status.note({ holding });
    this.setMuted(holding);
  }

  setMuted(muted) {
    if (muted === this.status.muted) return;
    this.session.setMuted(muted);
    this.status.note({ muted });
    announce(say(muted ? "announce-muted" : "announce-unmuted"));
  }

  /** The microphone was pulled out or taken away: go on with the system's own, or not at all. */
  async changeOver() {
    try {
      await this.session.useMicrophone("");
      warn(say("microphone-pulled"));
    } catch {
      this.lost();
    }
  }

  /** How loud it is, 0 to 1; null when it is muted. */
  level() {
    return this.status.muted ? null : this.session.inputLevel();
  }
}
