// Telling the server what was heard, in order, one letter at a time; what fails is sent again.

import { Unreachable, exchange } from "./requests.js";

const TRIES = 4;
const PAUSE = 700;
const MOST = 40; // events in one letter
const SOON = 120; // until a look-up is asked for: the server writes it down just after its answer
const LOOKS = 5; // how often it is
const GATHER = 250; // a visitor's words wait for what is looked up for them: one letter less for each question

export class Report {
  seen = 0; // the newest look-up that the server told of

  /** `told(answer)` gets the server's account ({turns, citations, looking_in}); `lost()` when words could not be kept. */
  constructor(url, session, { told, lost }) {
    Object.assign(this, { url, session, told, lost, waiting: [], sending: null });
  }

  add(event) {
    if (event.kind === "visitor") event.due = performance.now() + GATHER;
    this.waiting.push(event);
    this.sending ??= this.send();
  }

  /** Something was looked up: what is said next is told after it. `after` is what `seen` was when it began. */
  lookedUp(after) {
    this.add({ kind: "tool", after, looks: 0, due: performance.now() + SOON });
  }

  /** Tell that the call is still running, when nothing else is being told. */
  touch() {
    if (this.sending) return;
    const letter = { session: this.session, events: [] };
    exchange(this.url, letter).then((answer) => this.settle([], answer), () => {}); // the next one comes soon
  }

  /** Wait until all is told, at most a few seconds. */
  async settled() {
    await this.sending;
  }

  /** The page is going away: send what is left without waiting for an answer. */
  leave() {
    const events = this.waiting.splice(0).map((event) => ({ ...event, after: null }));
    if (events.length) exchange(this.url, { session: this.session, events }, { keepalive: true }).catch(() => this.lost());
  }

  async send() {
    let tries = 0;
    while (this.waiting.length) {
      const events = this.dueEvents();
      if (!events.length) {
        await pause(this.waiting[0].due - performance.now());
        continue;
      }
      try {
        const answer = await exchange(this.url, { session: this.session, events });
        this.settle(events, answer);
        tries = 0;
      } catch (error) {
        tries += 1;
        if (isFinal(error) || tries >= TRIES) {
          this.waiting.splice(0, events.length);
          this.lost();
          break;
        }
        await pause(PAUSE * tries);
      }
    }
    this.sending = null;
  }

  /** What may be told now: everything up to what is not due. */
  dueEvents() {
    const now = performance.now();
    const first = this.waiting.findIndex((event) => event.due > now);
    return this.waiting.slice(0, Math.min(MOST, first < 0 ? MOST : first));
  }

  /** What the server has not taken begins with a look-up that it has not written down: it is asked for again. */
  settle(events, answer) {
    this.waiting.splice(0, answer.taken);
    this.seen = answer.seen;
    if (answer.taken < events.length) {
      const [event] = this.waiting;
      event.looks += 1;
      event.due = performance.now() + SOON * event.looks;
      if (event.looks === LOOKS) event.after = null;
    }
    this.told(answer);
  }
}

function pause(milliseconds) {
  return new Promise((wake) => setTimeout(wake, milliseconds));
}

function isFinal(error) {
  return !(error instanceof Unreachable) && error.status !== 429 && !(error.status >= 500);
}
