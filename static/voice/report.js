// Telling the server what was heard, in order, one letter at a time; what fails is sent again.

import { Unreachable, exchange } from "./requests.js";

const TRIES = 4;
const PAUSE = 700;
const MOST = 40; // events in one letter

export class Report {
  /** `told(answer)` gets the server's account ({turns, citations, looking_in}); `lost()` when words could not be kept. */
  constructor(url, session, { told, lost }) {
    Object.assign(this, { url, session, told, lost, waiting: [], sending: null });
  }

  add(event) {
    this.waiting.push(event);
    this.sending ??= this.send();
  }

  /** Tell that the call is still running, when nothing else is being told. */
  touch() {
    if (this.sending) return;
    exchange(this.url, { session: this.session, events: [] }).then(this.told, () => {}); // the next one comes soon
  }

  /** Wait until all is told, at most a few seconds. */
  async settled() {
    await this.sending;
  }

  /** The page is going away: send what is left without waiting for an answer. */
  leave() {
    const events = this.waiting.splice(0);
    if (events.length) exchange(this.url, { session: this.session, events }, { keepalive: true }).catch(() => this.lost());
  }

  async send() {
    let tries = 0;
    while (this.waiting.length) {
      const events = this.waiting.slice(0, MOST);
      try {
        const answer = await exchange(this.url, { session: this.session, events });
        this.waiting.splice(0, events.length);
        this.told(answer);
        tries = 0;
      } catch (error) {
        tries += 1;
        if (isFinal(error) || tries >= TRIES) {
          this.waiting.splice(0, events.length);
          this.lost();
          break;
        }
        await new Promise((wake) => setTimeout(wake, PAUSE * tries));
      }
    }
    this.sending = null;
  }
}

function isFinal(error) {
  return !(error instanceof Unreachable) && error.status !== 429 && !(error.status >= 500);
}
