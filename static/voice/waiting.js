// Standing in line while all lines are taken: the place, how long it may take, and the turn when it comes.

import * as dock from "./dock.js";
import { announce } from "./notice.js";
import { exchange, post } from "./requests.js";
import { say } from "./sentences.js";

const PATIENCE = 60_000; // milliseconds without an answer after which the page gives up
const PATIENCE_BEFORE = 5_000; // the same before there is a place
const RETRY = 2.5; // seconds after a question that nobody answered
const SPREAD = 0.4; // pages that joined together do not all ask together
const ordinals = new Intl.PluralRules(document.documentElement.lang, { type: "ordinal" });

/**
 * One visitor's place. `over(sentence)` is called when it is lost, or left (null). A turn is taken from outside, with
 * `finish()`: the place itself is given up by the call that begins.
 */
export class Waiting {
  ticket = "";
  place = 0;
  deadline = 0; // of a turn, as performance.now() tells it
  stopper = new AbortController();
  title = document.title;

  constructor(addresses, over) {
    Object.assign(this, { addresses, over, answered: performance.now() });
    const { signal } = this.stopper;
    document.addEventListener("visibilitychange", () => this.ask(), { signal });
    addEventListener("pagehide", () => this.leave({ closed: true }), { signal });
    addEventListener("pageshow", () => this.comeBack(), { signal });
  }

  /** Take a place; `refused` names a call for which ElevenLabs had no line. */
  async join(refused = "") {
    dock.show("waiting", { words: say("state-joining") });
    this.wish = { joins: true, refused }; // until it is fulfilled
    await this.ask();
  }

  /** A browser may take a page out again that it had put away. */
  comeBack() {
    this.isClosed = false;
    this.ask();
  }

  async ask() {
    clearTimeout(this.timer);
    if (this.isClosed) return; // a page that goes is hidden, too: that must not be its last word
    const { signal } = this.stopper;
    try {
      const letter = { ticket: this.ticket, hidden: document.hidden, ...this.wish };
      this.hear(await exchange(this.addresses.wait, letter, { signal }));
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    }
  }

  hear({ place, turn, ticket, minutes, again }) {
    this.answered = performance.now();
    this.ticket = ticket;
    this.wish = {};
    const hadTurn = this.deadline > 0;
    this.deadline = turn === null ? 0 : performance.now() + turn * 1000;
    if (this.deadline) this.showTurn(hadTurn);
    else this.showPlace(place, minutes, hadTurn);
    this.askIn(again);
  }

  askIn(seconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), seconds * 1000 * (1 - SPREAD / 2 + Math.random() * SPREAD));
  }

  showPlace(place, minutes, hadTurn) {
    this.stopCounting();
    const words = place === 1 ? say("place-next") : say(`place-${ordinals.select(place)}`, { place });
    const hint = minutes === null ? "hint-waiting" : minutes === 1 ? "wait-minute" : "wait-minutes";
    dock.show("waiting", { words, hint: say(hint, { minutes }) });
    if (place !== this.place || hadTurn) announce(`${words} ${say(hint, { minutes })}`);
    this.place = place;
  }

  showTurn(hadTurn) {
    this.count();
    if (hadTurn) return;
    this.ticking = setInterval(() => this.count(), 1000);
    document.title = `${say("state-turn")} · ${this.title}`;
    announce(say("announce-turn", { seconds: this.left }));
  }

  get left() {
    return Math.max(0, Math.ceil((this.deadline - performance.now()) / 1000));
  }

  count() {
    dock.show("turn", { hint: say("hint-turn", { time: dock.clock(this.left) }) });
    if (this.left === 0) this.leave({}, say("wait-passed"));
  }

  stopCounting() {
    clearInterval(this.ticking);
    document.title = this.title;
  }

  fail(error) {
    if (error.code === "gone") this.end(this.deadline ? say("wait-passed") : error.message);
    else if (performance.now() - this.answered < (this.ticket ? PATIENCE : PATIENCE_BEFORE)) this.askIn(RETRY);
    else this.end(error.message || say("start-busy"));
  }

  /** Give up the place; a page that is `closed` leaves it to another one of the same visitor. */
  leave({ closed = false } = {}, sentence = null) {
    post(this.addresses.leave, { closed }, { keepalive: true }).catch(() => {}); // unasked, it runs out by itself
    this.isClosed = closed;
    if (!closed) this.end(sentence);
  }

  end(sentence) {
    this.finish();
    this.over(sentence);
  }

  finish() {
    clearTimeout(this.timer);
    this.stopCounting();
    this.stopper.abort();
  }
}
