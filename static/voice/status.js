// What a running call is doing, gathered from many small facts, and shown in the dock.

import * as dock from "./dock.js";
import { say } from "./sentences.js";

const SETTLE = 250; // milliseconds: the client's mode flaps when sound begins
const PATIENCE = 15_000; // "thinking" and "looking it up" are not shown for ever
const LAST_MINUTE = 60; // seconds
const FEW = 300; // seconds: from there on it is shown what is left of an allowance

export class Status {
  speaking = false;
  awaiting = false; // the visitor has asked and nothing has sounded yet
  searching = false;
  hearing = false;
  muted = false;
  holding = false; // push-to-talk: muted unless it is held
  queued = false; // at ElevenLabs, whose lines are taken
  weak = false; // the line
  heldBack = false; // the sound, by the browser
  taken = false; // the microphone, by the system or another app
  silent = false; // the microphone: nothing at all has come from it
  titles = []; // of the documents that an answer was found in
  idle = null; // seconds until a call in which nobody says anything ends, during the countdown
  per = ""; // day or month, when few minutes are left of it
  left = Infinity; // seconds of this call
  shown = false; // not before the call is live

  /** Take facts (the fields above) and show what follows from them. */
  note(facts) {
    Object.assign(this, facts);
    if (facts.awaiting || facts.searching) this.expire();
    if (this.shown) this.show();
  }

  /** Speaking shows at once; its end only when it lasts. */
  turnTo(mode) {
    clearTimeout(this.flap);
    if (mode === "speaking") this.note({ speaking: true, awaiting: false, searching: false, titles: [] });
    else this.flap = setTimeout(() => this.note({ speaking: false }), SETTLE);
  }

  /** An answer's sound has arrived. The client does not always tell that by its mode. */
  sounds() {
    if (this.awaiting || this.searching) this.note({ awaiting: false, searching: false, titles: [] });
  }

  /**
   * Seconds since the call began, of at most so many (0: no limit). `per` says that an allowance ends it: a day's or a
   * month's. True when it is to be said how little is left of that: once.
   */
  count(seconds, most, per) {
    dock.showTime(seconds);
    const left = Math.max(0, Math.ceil(most - seconds));
    if (!most || left > (per ? FEW : LAST_MINUTE)) return false;
    const isNew = Boolean(per) && !this.per;
    this.note({ left, per });
    return isNew;
  }

  /** How little is left of an allowance. */
  get minutesLeft() {
    const minutes = Math.floor(this.left / 60);
    if (minutes === 0) return say("hint-minutes", { seconds: this.left });
    return say(`left-${this.per}-${minutes === 1 ? "one" : "other"}`, { minutes });
  }

  show() {
    this.shown = true;
    const { state } = this;
    const reading = state === "searching" && this.titles.length > 0;
    dock.showTrouble(this.weak);
    dock.showMuted(this.muted);
    dock.show(state, {
      words: reading ? say("state-reading", { titles: this.titles.join(", ") }) : undefined,
      hint: this.hint,
    });
  }

  stop() {
    this.shown = false;
    clearTimeout(this.flap);
    clearTimeout(this.expiry);
  }

  /** Whether somebody other than the visitor is at work. */
  get isOccupied() {
    return this.queued || this.speaking || this.searching || this.awaiting || (this.hearing && !this.muted);
  }

  get state() {
    if (this.queued) return "waiting";
    if (this.idle !== null) return "idle";
    if (this.speaking) return "speaking";
    if (this.searching) return "searching";
    if (this.hearing && !this.muted) return "hearing";
    return this.awaiting ? "thinking" : "listening";
  }

  get hint() {
    if (this.idle !== null && !this.queued) return say("hint-idle", { time: dock.clock(this.idle) });
    if (this.weak) return say("hint-weak");
    if (this.heldBack) return say("hint-held-back");
    if (this.left <= LAST_MINUTE) return say("hint-minutes", { seconds: this.left });
    if (this.per) return this.minutesLeft;
    if (this.muted) return say(this.holding ? "hint-hold" : "hint-muted");
    if (this.taken) return say("hint-taken");
    return this.silent ? say("hint-silent") : undefined;
  }

  expire() {
    clearTimeout(this.expiry);
    this.expiry = setTimeout(() => this.note({ awaiting: false, searching: false, titles: [] }), PATIENCE);
  }
}
