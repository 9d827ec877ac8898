// A call from the first click to the last word: starting in time, showing its state, ending for a reason people can read.

import * as dock from "./dock.js";
import { explainEnd, explainStart } from "./failures.js";
import { Meter } from "./meter.js";
import * as microphone from "./microphone.js";
import { announce, clear, warn } from "./notice.js";
import { Report } from "./report.js";
import { exchange, post } from "./requests.js";
import { say } from "./sentences.js";
import { open, prepare } from "./session.js";
import { show as draw } from "./thread.js";
import { Utterances } from "./utterances.js";
import { Watchdog } from "./watchdog.js";

const START = 12_000; // milliseconds until a start is given up
const QUESTION = 60_000; // until an unanswered question for the microphone is
const SETTLE = 250; // the client's mode flaps for a few milliseconds when sound begins
const PULSE = 30_000; // the server counts a call as running while it hears of it
const CALM = new Set([null, "end-agent", "end-time"]); // ends that are nobody's failure
const OFFLINE = 3_000; // a short gap in the network is not the end

/** One call. It is over once, whatever ends it first; `over` then says why. */
export class Call {
  phase = "asking"; // connecting, live, over
  speaking = false;
  awaiting = false; // the visitor has asked and nothing has sounded yet
  searching = false;
  hearing = false;
  muted = false;
  titles = [];

  constructor(addresses, { ended }) {
    Object.assign(this, { addresses, ended, stopper: new AbortController() });
  }

  /** Start. Resolves when the call is live or has failed; failures are shown, not thrown. */
  async start() {
    clear();
    try {
      await this.askForMicrophone();
      this.enter("connecting");
      this.limit = setTimeout(() => this.giveUp("Slow"), START);
      this.grant = await exchange(this.addresses.start, {}, { signal: this.stopper.signal });
      this.listen();
      this.session = await open(this.grant, this.addresses.worklets, this.events(), this.stopper.signal);
      this.goLive();
    } catch (error) {
      this.fail(error);
    } finally {
      clearTimeout(this.limit);
    }
  }

  async askForMicrophone() {
    prepare().catch(() => {}); // opening the session asks again and says what is wrong
    if (await microphone.isGranted()) return;
    this.enter("asking");
    this.limit = setTimeout(() => this.giveUp("Unanswered"), QUESTION);
    this.asked = await Promise.race([microphone.ask(), this.stopped()]);
    clearTimeout(this.limit);
  }

  /** Everything that listens to this call, made before the first event can arrive. */
  listen() {
    this.report = new Report(this.addresses.heard, this.grant.session, {
      told: (answer) => this.told(answer),
      lost: () => warn(say("unsaved")),
    });
    this.utterances = new Utterances(this.grant.session, draw, (event) => this.report.add(event));
  }

  goLive() {
    microphone.close(this.asked); // the client opened its own by now
    this.session.setVolume(dock.volume());
    this.session.tell(this.grant.context);
    this.meter = new Meter({
      input: () => this.session.inputLevel(),
      output: () => this.session.outputLevel(),
      speaking: () => this.speaking,
      hearing: (hearing) => this.note({ hearing }),
    });
    this.watchdog = new Watchdog({ weak: (weak) => this.note({ weak }), dead: () => this.end("end-silent") });
    this.began = performance.now();
    this.clock = setInterval(() => this.countTime(), 500);
    this.pulse = setInterval(() => this.report.touch(), PULSE);
    this.enter("live");
    announce(say("announce-live"));
  }

  events() {
    return {
      visitor: (id, text) => {
        this.utterances.visitorSaid(id, text);
        this.note({ awaiting: true });
      },
      persona: (id, text) => this.utterances.personaSaid(id, text),
      part: (id, kind, text) => this.utterances.part(id, kind, text),
      sound: (id, alignment) => this.utterances.sound(id, alignment),
      correction: (id, original, text) => this.utterances.corrected(id, original, text),
      interruption: (id) => this.utterances.interrupted(id),
      searching: () => {
        this.utterances.divide();
        this.note({ searching: true, titles: [] });
      },
      found: () => this.report.add({ kind: "tool" }),
      mode: (mode) => this.turnTo(mode),
      arrived: (isPing) => this.watchdog?.beat(isPing),
      ended: (details) => this.end(details.reason === "user" ? null : explainEnd(details)),
    };
  }

  /** Speaking shows at once; its end only when it lasts, since the mode flaps. */
  turnTo(mode) {
    clearTimeout(this.flap);
    if (mode === "speaking") this.note({ speaking: true, awaiting: false, searching: false, titles: [] });
    else this.flap = setTimeout(() => this.note({ speaking: false }), SETTLE);
  }

  /** The server's answer to what was heard. */
  told({ turns = [], looking_in: titles = [] }) {
    for (const turn of turns) this.utterances.settle(turn);
    if (this.searching && titles.length) this.note({ titles });
  }

  /** A typed question during the call. False when there is no line for it. */
  type(text) {
    if (this.phase !== "live" || !this.session.write(text)) return false;
    this.utterances.visitorTyped(text);
    this.note({ awaiting: true });
    return true;
  }

  mute() {
    if (this.phase !== "live") return;
    this.muted = !this.muted;
    this.session.setMuted(this.muted);
    dock.showMuted(this.muted);
    announce(say(this.muted ? "announce-muted" : "announce-unmuted"));
    this.note({});
  }

  setVolume(volume) {
    this.session?.setVolume(volume);
  }

  /** The network went, or came back. */
  goOffline(offline) {
    clearTimeout(this.gap);
    this.note({ weak: offline });
    if (offline) this.gap = setTimeout(() => this.end("end-offline"), OFFLINE);
  }

  /** The page is going away. */
  leave() {
    if (!this.grant || this.phase === "over") return;
    this.utterances.finish();
    this.report.leave();
    this.tellEnd("page left", true);
  }

  note(facts) {
    Object.assign(this, facts);
    if (this.phase === "live") this.showState();
  }

  showState() {
    const state = this.stateNow();
    const words = state === "searching" && this.titles.length ? say("state-reading", { titles: this.titles.join(", ") }) : undefined;
    dock.showTrouble(Boolean(this.weak));
    dock.show(state, { words, hint: this.hint(state) });
  }

  stateNow() {
    if (this.speaking) return "speaking";
    if (this.searching) return "searching";
    if (this.hearing && !this.muted) return "hearing";
    return this.awaiting ? "thinking" : "listening";
  }

  hint(state) {
    if (this.weak) return say("hint-weak");
    if (this.left <= 60) return say("hint-minutes", { seconds: Math.max(0, Math.ceil(this.left)) });
    return this.muted && state !== "searching" ? say("hint-muted") : undefined;
  }

  countTime() {
    const seconds = (performance.now() - this.began) / 1000;
    dock.showTime(seconds);
    if (!this.grant.max_seconds) return;
    this.left = this.grant.max_seconds - seconds;
    if (this.left <= 60) this.showState();
    if (this.left < -5) this.end("end-time");
  }

  enter(phase) {
    if (this.phase === "over") return;
    this.phase = phase;
    if (phase === "live") this.showState();
    else dock.show(phase);
  }

  giveUp(name) {
    this.stopper.abort(Object.assign(new Error("gave up waiting"), { name }));
  }

  stopped() {
    const { signal } = this.stopper;
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  }

  /** The start failed: say why, and give the visitor the composer. */
  fail(error) {
    if (error.name === "Cancelled") this.end(null);
    else if (error.name === "Refusal") this.end("start-refused", error.message);
    else this.end(explainStart(error));
  }

  cancel() {
    if (this.phase === "live") this.end(null);
    else this.giveUp("Cancelled");
  }

  /** End once: free the microphone, tell the server, show why. `name` is a sentence's name; null is the visitor's wish. */
  end(name, sentence = "") {
    if (this.phase === "over") return;
    this.phase = "over";
    for (const timer of [this.limit, this.flap, this.gap]) clearTimeout(timer);
    clearInterval(this.clock);
    clearInterval(this.pulse);
    this.watchdog?.stop();
    this.meter?.stop();
    this.session?.end().catch(() => {}); // it is over for us either way
    microphone.release();
    this.utterances?.finish();
    if (this.grant) this.report.settled().then(() => this.tellEnd(name ?? "user"));
    this.ended({ words: name && (sentence || say(name)), isCalm: CALM.has(name), hasLasted: Boolean(this.began) });
  }

  tellEnd(reason, keepalive = false) {
    const letter = { session: this.grant.session, reason };
    post(this.addresses.end, letter, { keepalive }).catch(() => {}); // the server also ends sessions that grew old
  }
}
