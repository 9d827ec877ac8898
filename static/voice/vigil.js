// What watches a running call from aside: the levels, the line's pings, silence, and the time that passes.

import { Idle } from "./idle.js";
import { Meter } from "./meter.js";
import { announce } from "./notice.js";
import { say } from "./sentences.js";
import { Watchdog } from "./watchdog.js";

const PULSE = 30_000; // the server counts a call as running while it hears of it
const OVERTIME = 5; // seconds after which we end a call that the service should have ended

export class Vigil {
  began = performance.now();

  /** `patience` says when a silent visitor is asked; `end(name, sentence)` ends the call, `touch()` is heard of a voice,
   * `pulse()` tells the server that the call runs. `grant` says how long it may. */
  constructor(session, status, { patience, grant, end, touch, pulse }) {
    Object.assign(this, { status, grant, end });
    this.meter = new Meter({
      input: () => session.inputLevel(),
      output: () => session.outputLevel(),
      speaking: () => status.speaking,
      hearing: (hearing) => {
        status.note({ hearing });
        if (hearing && !status.muted) touch();
      },
      silent: (silent) => status.note({ silent }),
    });
    this.watchdog = new Watchdog({ weak: (weak) => status.note({ weak }), dead: () => status.queued || end("end-silent") });
    this.idle = new Idle({
      ...patience,
      isOccupied: () => status.isOccupied,
      left: (seconds) => this.countDown(seconds),
      over: () => end("end-idle"),
    });
    this.clock = setInterval(() => this.countTime(), 500);
    this.pulse = setInterval(pulse, PULSE);
  }

  /** Something arrived over the line. */
  beat(isPing) {
    this.watchdog.beat(isPing);
  }

  /** The visitor said, typed or pressed something: nobody is idle. */
  touch() {
    this.idle.touch();
  }

  /** Whether the visitor is being asked to say something. */
  get isCounting() {
    return this.idle.isCounting;
  }

  /** ElevenLabs' own line is over: the call's time begins now. */
  beginAnew() {
    this.began = performance.now();
  }

  countDown(seconds) {
    if (seconds !== null && this.status.idle === null) announce(say("announce-idle", { seconds }));
    this.status.note({ idle: seconds });
  }

  countTime() {
    const seconds = (performance.now() - this.began) / 1000;
    const { max_seconds: most, spent, per } = this.grant;
    if (this.status.count(seconds, most, per)) announce(this.status.minutesLeft);
    if (most && seconds > most + (spent ? 0 : OVERTIME)) this.end(spent ? "end-minutes" : "end-time", spent);
  }

  stop() {
    clearInterval(this.clock);
    clearInterval(this.pulse);
    this.watchdog.stop();
    this.idle.stop();
    this.meter.stop();
  }
}
