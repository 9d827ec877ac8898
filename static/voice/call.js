// A call from the first click to the last word: starting in time, passing on what is said, ending for a reason that
// people can read.

import { Attempt } from "./attempt.js";
import { commands } from "./commands.js";
import * as dock from "./dock.js";
import { explainEnd, explainStart } from "./failures.js";
import { hearing } from "./hearing.js";
import * as microphone from "./microphone.js";
import { announce, clear, hint, warn } from "./notice.js";
import { Outlet } from "./outlet.js";
import { Report } from "./report.js";
import { exchange } from "./requests.js";
import { say } from "./sentences.js";
import { demandFitBrowser, isOverrideRefused, open, prepare } from "./session.js";
import { Status } from "./status.js";
import { name, settleOn, show as draw } from "./thread.js";
import { Utterances } from "./utterances.js";
import { Vigil } from "./vigil.js";
import { Voice } from "./voice.js";
import { plain, wishes } from "./wishes.js";

const START = 12_000; // milliseconds until a start is given up
const QUESTION = 60_000; // until an unanswered question for the microphone is
const OFFLINE = 3_000; // a short gap in the network is not the end
const MOST_TOLD = 500; // characters of a turn that the agent is told of
const CALM = new Set([null, "end-agent", "end-time", "end-idle", "end-minutes", "end-elsewhere"]); // ends that are nobody's failure
const DROPS = new Set(["end-dropped", "end-silent"]); // ends after which the call is taken up again, once

/**
 * One call. It is over once, whatever ends it first; `ended({words, isCalm, hasLasted, isDropped, unanswered})` then hears
 * of it. A call that is `resumed` takes up one that was dropped: it does not greet, and asks again what was unanswered.
 */
export class Call {
  phase = "asking"; // connecting, live, over

  constructor(addresses, { ended, resumed = false, unanswered = "" }) {
    Object.assign(this, { addresses, ended, resumed, unanswered, stopper: new AbortController(), status: new Status() });
    this.attempt = new Attempt(addresses.attempt, resumed);
  }

  /** Start. Resolves when the call is live or has failed; failures are shown, not thrown. */
  async start() {
    clear();
    try {
      await this.askForMicrophone();
      this.attempt.mark("allowed");
      demandFitBrowser();
      this.enter("connecting");
      this.limit = setTimeout(() => this.giveUp("Slow"), START);
      this.outlet = new Outlet((held) => this.holdBack(held));
      await this.connect({ ...wishes(this.addresses.languages), resumed: this.resumed, commands: commands(this) });
      this.goLive();
    } catch (error) {
      this.fail(error);
    } finally {
      clearTimeout(this.limit);
    }
  }

  /** Connect as the visitor wishes; an agent that does not allow that, or not yet, is called as it is. */
  async connect(how) {
    this.grant = await exchange(this.addresses.start, { thread: name() }, { signal: this.stopper.signal });
    this.attempt.session = this.grant.session;
    settleOn(this.grant.thread);
    this.listen();
    try {
      this.session = await open(this.grant, this.addresses.worklets, hearing(this), this.stopper.signal, how);
    } catch (error) {
      if (!isOverrideRefused(error) || !(how.language || how.speed)) throw error;
      this.utterances.finish();
      this.tellEnd("wishes refused");
      await this.connect(plain(how));
      warn(say("wishes-refused"));
    }
  }

  async askForMicrophone() {
    microphone.admit();
    prepare().catch(() => {}); // opening the session asks again and says what is wrong
    if (await microphone.isGranted()) return;
    this.enter("asking");
    this.limit = setTimeout(() => this.giveUp("Unanswered"), QUESTION);
    this.asked = await Promise.race([microphone.ask(), this.stopped()]);
    clearTimeout(this.limit);
  }

  /** The browser lets no sound through until a press: a start waits for it, a running call goes on. */
  holdBack(held) {
    if (held) announce(say("hint-held-back"));
    if (this.phase === "live") {
      this.status.note({ heldBack: held });
    } else if (this.phase === "connecting") {
      clearTimeout(this.limit);
      this.limit = setTimeout(() => this.giveUp(held ? "Unheard" : "Slow"), held ? QUESTION : START);
      dock.show("connecting", { hint: held ? say("hint-held-back") : undefined });
    }
  }

  enter(phase) {
    this.stopper.signal.throwIfAborted();
    this.phase = phase;
    if (phase === "live") this.status.show();
    else if (this.resumed) dock.show(phase, { words: say("state-resuming"), hint: say("hint-resuming") });
    else dock.show(phase);
  }

  /** Everything that keeps what is said, made before the first event can arrive. */
  listen() {
    this.report = new Report(this.addresses.heard, this.grant.session, {
      told: (answer) => this.told(answer),
      lost: () => warn(say("unsaved")),
    });
    this.utterances = new Utterances(this.grant.keys, draw, (event) => this.report.add(event));
  }

  goLive() {
    this.voice = new Voice(this.session, this.status, () => this.end("microphone-lost"));
    this.enter("live");
    this.attempt.mark("connected");
    this.attempt.tell("live");
    microphone.close(this.asked); // the client opened its own by now
    this.session.setVolume(dock.volume());
    this.session.tell(this.grant.context);
    if (this.resumed) this.takeUp();
    this.vigil = new Vigil(this.session, this.status, {
      patience: this.addresses.idle,
      grant: this.grant,
      end: (name, sentence) => this.end(name, sentence),
      touch: () => this.touch(),
      pulse: () => this.report.touch(),
    });
    announce(say(this.resumed ? "announce-resumed" : "announce-live"));
  }

  /** The visitor said, typed or pressed something: nobody is idle. */
  touch() {
    this.vigil?.touch();
  }

  /** The visitor stays: the service's own patience begins anew, too. */
  stay() {
    this.touch();
    this.session?.stay();
    dock.focus();
  }

  /** Ask again what the dropped call left without an answer; its row is in the thread already. */
  takeUp() {
    if (this.unanswered && this.session.write(this.unanswered)) this.status.note({ awaiting: true });
  }

  /** During the countdown it is nobody's wish when the service hangs up first. */
  explain(details) {
    const name = explainEnd(details);
    return name === "end-agent" && this.vigil?.isCounting ? "end-idle" : name;
  }

  /** The server's answer to what was heard. */
  told({ turns = [], looking_in: titles = [] }) {
    for (const turn of turns) this.utterances.settle(turn);
    if (this.status.searching && titles.length) this.status.note({ titles });
  }

  /** ElevenLabs' own line: while a call stands in it nothing is heard there, and its time does not count. */
  queue(queued) {
    if (this.status.queued && !queued) this.vigil?.beginAnew();
    this.status.note({ queued });
    announce(say(queued ? "announce-queued" : "announce-live"));
  }

  /** A typed question during the call. False when there is no line for it. */
  type(text) {
    if (this.phase !== "live" || this.status.queued || !this.session.write(text)) return false;
    this.unanswered = text;
    this.touch();
    this.utterances.visitorTyped(text);
    this.attempt.question();
    this.status.note({ awaiting: true });
    return true;
  }

  /** Something typed in the same thread from another tab: the agent shall know of it. */
  learn({ speaker, text }) {
    if (this.phase === "live") this.session.tell(say(`typed-by-${speaker}`, { text: text.slice(0, MOST_TOLD) }));
  }

  /** The visitor wants silence, at once: what had not sounded by now was not heard. */
  hush() {
    this.utterances.interrupted(this.session.silence());
    this.utterances.expect("unheard");
    this.status.turnTo("listening");
  }

  /** A thumb for an answer that was spoken in this call. */
  judge(key, liked) {
    const id = this.utterances?.eventOf(key);
    if (this.phase === "live" && id !== undefined) this.session.judge(liked, id);
  }

  /** The network went, or came back. */
  goOffline(weak) {
    clearTimeout(this.gap);
    this.status.note({ weak });
    if (weak) this.gap = setTimeout(() => this.end("end-offline"), OFFLINE);
  }

  cancel() {
    if (this.phase === "live") this.end(null);
    else this.giveUp("Cancelled");
  }

  giveUp(name) {
    this.stopper.abort(Object.assign(new Error("gave up waiting"), { name }));
  }

  stopped() {
    const { signal } = this.stopper;
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  }

  /** The start failed: say why. */
  fail(error) {
    const why = explainStart(error);
    const isRefusal = error.name === "Refusal";
    this.attempt.tell(isRefusal ? "refused" : (why ?? "cancelled"), error.code ?? error.closeCode);
    this.end(why, isRefusal ? error.message : "");
  }

  /** End once: free the microphone, tell the server, say why. `name` names a sentence; null is the visitor's wish. */
  end(name, sentence = "") {
    if (this.phase === "over") return;
    this.phase = "over";
    if (this.vigil) this.tellLength();
    this.giveUp("Over"); // a start that is still under way closes what it opened
    this.stopWatching();
    this.session?.end().catch(() => {}); // it is over for us either way
    microphone.release();
    this.utterances?.finish();
    const hasLasted = Boolean(this.vigil);
    const isDropped = hasLasted && DROPS.has(name) && !this.resumed;
    const tellEnd = () => this.grant && this.report.settled().then(() => this.tellEnd(name ?? "user"));
    if (!isDropped) tellEnd(); // otherwise after the next one has begun: until then the line stays this visitor's
    this.ended({
      words: name && (sentence || say(name)), isCalm: CALM.has(name), hasLasted, isDropped, tellEnd,
      why: name, isElsewhere: name === "end-elsewhere",
      isBusy: name === "start-busy" && (!hasLasted || this.status.queued),
      unanswered: this.unanswered, session: this.grant?.session,
    });
  }

  /** Whether words of it are still on their way to the server. */
  get isTelling() {
    return Boolean(this.report?.sending);
  }

  tellLength() {
    this.attempt.mark("ended");
    this.attempt.tell("live");
  }

  stopWatching() {
    clearTimeout(this.limit);
    clearTimeout(this.gap);
    this.outlet?.stop();
    this.voice?.stop();
    this.vigil?.stop();
    this.status.stop();
  }

  /** The page is going away. */
  leave() {
    if (!this.grant) return;
    if (this.phase === "over") {
      this.report.leave(); // the last words of a call that has just ended
      return;
    }
    this.utterances.finish();
    this.report.leave();
    if (this.vigil) this.tellLength();
    this.tellEnd("page left", true);
    microphone.release(); // a page kept for coming back to hears nothing meanwhile
    this.session?.end().catch(() => {});
  }

  tellEnd(reason, keepalive = false) {
    const letter = { session: this.grant.session, reason };
    const told = exchange(this.addresses.end, letter, { keepalive });
    told.then(({ minutes }) => hint(minutes), () => {}); // the server also ends sessions that grew old
  }
}
