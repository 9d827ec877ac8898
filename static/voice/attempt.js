// How starting a call went, told to the server for staff's figures. Nobody waits for it, and nothing depends on it.

import { newKey, post } from "./requests.js";

export class Attempt {
  milliseconds = {}; // by moment, from the press on: allowed, connected, sound, ended
  session = "";
  outcome = "";
  answers = []; // [first sound, answer] of each question, in milliseconds from the question on
  asked = null; // the question that is being answered

  constructor(url, resumed) {
    Object.assign(this, { url, resumed, key: newKey(), began: performance.now() });
  }

  /** The first time counts: a call has sound many times. */
  mark(moment) {
    this.milliseconds[moment] ??= Math.round(performance.now() - this.began);
  }

  /** A question was heard or typed. */
  question() {
    this.asked = { at: performance.now(), awaited: true, looking: false, times: null };
  }

  /** The agent looks something up: what sounded before, or sounds meanwhile, was a filler. */
  searching() {
    if (this.asked) this.asked.looking = true;
  }

  found() {
    if (this.asked?.looking) Object.assign(this.asked, { looking: false, awaited: true });
  }

  /** The agent's voice: the first of it after the question, and the first after what was looked up. */
  sound() {
    this.mark("sound");
    const { asked } = this;
    if (!asked?.awaited) return;
    const took = Math.round(performance.now() - asked.at);
    if (asked.times) asked.times[1] = took;
    else this.answers.push((asked.times = [took, took]));
    asked.awaited = false;
  }

  /** `outcome` is "live", "cancelled" or the name of the sentence that was shown; the first one stays. */
  tell(outcome, detail = "") {
    if (!this.outcome) Object.assign(this, { outcome, detail: String(detail).slice(0, 40) });
    const { key, session, resumed, milliseconds, answers } = this;
    const letter = { key, session, resumed, milliseconds, answers, outcome: this.outcome, detail: this.detail };
    post(this.url, letter, { keepalive: true }).catch(() => {});
  }
}
