// How starting a call went, told to the server for staff's figures. Nobody waits for it, and nothing depends on it.

import { newKey, post } from "./requests.js";

export class Attempt {
  milliseconds = {}; // by moment, from the press on: allowed, connected, sound, ended
  session = "";
  outcome = "";

  constructor(url, resumed) {
    Object.assign(this, { url, resumed, key: newKey(), began: performance.now() });
  }

  /** The first time counts: a call has sound many times. */
  mark(moment) {
    this.milliseconds[moment] ??= Math.round(performance.now() - this.began);
  }

  /** `outcome` is "live", "cancelled" or the name of the sentence that was shown; the first one stays. */
  tell(outcome, detail = "") {
    if (!this.outcome) Object.assign(this, { outcome, detail: String(detail).slice(0, 40) });
    const { key, session, resumed, milliseconds } = this;
    const letter = { key, session, resumed, milliseconds, outcome: this.outcome, detail: this.detail };
    post(this.url, letter, { keepalive: true }).catch(() => {});
  }
}
