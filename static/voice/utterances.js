// What was said in one call: which event belongs to which turn, what of it was heard, and what to report.

import { Caption } from "./captions.js";

const TICK = 80;
const FIRST_SOUND = 1500; // how long a turn's words wait for its voice
const GAP = 1500; // between two chunks of sound of one turn
const CORRECTION = 1500; // how long an interruption waits for the service's own account of what was heard

export class Utterances {
  /** `show(turn)` draws a turn; `report(event)` tells the server. A row's key is what the server gave for this call and
   *  the turn's name within it; the server is told the name alone, and makes the same key of it. */
  constructor(keys, show, report) {
    Object.assign(this, { keys, said: [], early: [], seen: new Set(), counts: new Map(), free: 0, typed: 0, obeys: 0, next: "" });
    this.show = ({ key, ...turn }) => show({ key: `${keys}${key}`, live: Boolean(this.timer), ...turn });
    this.report = (event) => report({ event_id: null, channel: "spoken", original: "", ...event });
    this.timer = setInterval(() => this.tick(), TICK);
  }

  /** A visitor's words, heard by the service. The same event with the same words is one turn. */
  visitorSaid(id, text) {
    const seen = `v${id}|${text}`;
    if (this.seen.has(seen) || !text.trim()) return;
    this.seen.add(seen);
    this.visitor(this.name("v", id), text, "spoken", id);
  }

  visitorTyped(text) {
    this.visitor(this.name("t", (this.typed += 1)), text, "typed", null);
  }

  visitor(key, text, channel, id) {
    this.next = "";
    this.show({ key, speaker: "visitor", channel, text });
    this.report({ kind: "visitor", event_id: id, key, text, channel });
  }

  /** A piece of a turn's text that runs ahead of its sound. */
  part(id, kind, text) {
    if (kind === "delta") this.current(id).draft += text;
  }

  /** A turn's whole text. It wins over the pieces; arriving twice changes nothing. */
  personaSaid(id, text) {
    const twin = this.said.find((one) => one.id === id && one.text !== null && one.text === text);
    if (twin || !text.trim()) return;
    const one = this.current(id);
    if (one.kind === "unheard") return;
    Object.assign(one, { text, since: performance.now() });
    this.report({ kind: "persona", event_id: id, key: one.key, text, repeats: one.kind === "repeats" });
    if (one.blind) this.free = one.caption.guess(text, one.blind);
    if (one.severed) this.sever(one, id);
    else this.draw(one);
    const early = this.early.findLast((correction) => correction.id === id && correction.original === text);
    if (early) this.corrected(id, text, early.text);
  }

  /** A stretch of sound with the moments of its characters, where the service gives them. */
  sound(id, alignment) {
    const one = this.current(id, true);
    one.sounding = true;
    const free = one.caption.isGuessed ? one.blind : this.free;
    if (alignment?.chars?.length) this.free = one.caption.add(alignment, free);
    else this.soundBlindly(one);
    this.draw(one);
  }

  /** Sound that does not say what it says: how far the text has come is guessed, as soon as there is a text. */
  soundBlindly(one) {
    one.blind ||= Math.max(this.free, performance.now());
    if (one.text !== null) this.free = one.caption.guess(one.text, one.blind);
  }

  /** A command was carried out, or not: what more was said stands behind its name. */
  obeyed(words, done) {
    this.report({ kind: "command", key: this.name("c", (this.obeys += 1)), text: words, done });
  }

  /** What the persona says next, unless the visitor speaks before, "repeats" its last answer, is an "aside" to a command, or
   *  is to stay "unheard". */
  expect(kind) {
    this.divide();
    this.next = kind;
  }

  /** The persona's last answer in this call, whole, also when it was cut short; asides are none. Undefined without one. */
  lastAnswer() {
    return this.said.findLast((one) => one.text !== null && one.kind !== "aside")?.text;
  }

  /** From here on, what the persona says is another turn, even under the same event id. */
  divide() {
    for (const one of this.said) one.closed = true;
  }

  /** The persona was cut short: keep what had sounded. */
  interrupted(id) {
    const now = performance.now();
    this.free = now;
    for (const one of this.said) {
      if (one.cut || this.isOver(one, now)) continue;
      one.severed = true;
      if (one.text !== null) this.sever(one, id);
    }
  }

  sever(one, id) {
    this.cut(one, id);
    one.waiting = setTimeout(() => this.correct(one, one.heard), CORRECTION);
  }

  /** The service's own account of what was heard. It replaces ours. */
  corrected(id, original, text) {
    const isMeant = (one) => one.text === original;
    const one =
      this.said.findLast((one) => one.id === id && isMeant(one)) ??
      this.said.findLast(isMeant) ??
      this.said.findLast((one) => one.id === id && one.cut);
    if (text === original) return;
    if (!one) {
      this.early.push({ id, original, text });
      return;
    }
    clearTimeout(one.waiting);
    if (!one.cut) this.cut(one, id);
    this.correct(one, text);
  }

  /** The call is over: what had not sounded was not heard. */
  finish() {
    clearInterval(this.timer);
    this.timer = 0;
    const now = performance.now();
    for (const one of this.said) {
      clearTimeout(one.waiting);
      if (one.text === null) continue;
      if (one.cut && !one.corrected) this.correct(one, one.heard);
      else if (!one.cut && !one.caption.isEmpty && !this.isOver(one, now)) {
        this.cut(one, one.id);
        this.correct(one, one.heard);
      } else if (!one.cut) this.reveal(one);
    }
  }

  /** The server's account of turns: it decides which sources a turn keeps, and what an interrupted one says. */
  settle(turn) {
    const key = turn.key.slice(this.keys.length);
    const one = this.said.find((one) => one.key === key);
    if (!one || (one.cut && turn.interrupted)) this.show({ ...turn, key });
    else if (!one.cut) this.show({ key, id: turn.id, citations: turn.citations });
  }

  /** The service's event id of a turn's row, for what it is told about that turn; undefined when it has none. */
  eventOf(key) {
    return this.said.find((one) => `${this.keys}${one.key}` === key)?.id;
  }

  cut(one, id) {
    one.cut = true;
    one.heard = one.caption.isEmpty ? one.text : one.caption.heard();
    this.show({
      key: one.key, speaker: "persona", channel: "spoken", text: one.heard, interrupted: true, pending: false,
    });
    this.report({ kind: "interruption", event_id: id, key: one.key, text: one.heard, original: one.text });
  }

  correct(one, text) {
    if (one.corrected === text) return;
    one.corrected = text;
    this.show({ key: one.key, speaker: "persona", text, interrupted: true, pending: false });
    this.report({ kind: "correction", event_id: one.id, key: one.key, text, original: one.text });
  }

  tick() {
    for (const one of this.said) if (!one.over) this.draw(one);
  }

  draw(one, now = performance.now()) {
    if (one.cut || one.over) return;
    if (one.text !== null && this.isOver(one, now)) {
      this.reveal(one);
      return;
    }
    if (one.text === null && !one.sounding) return;
    const text = one.caption.isEmpty ? one.draft : one.caption.heard(now);
    this.show({ key: one.key, speaker: "persona", channel: "spoken", text, pending: !text, repeats: one.kind === "repeats" });
  }

  reveal(one) {
    one.over = true;
    this.show({ key: one.key, speaker: "persona", channel: "spoken", text: one.text, pending: false });
  }

  /** True when nothing of the turn is still to sound: its voice is through, or none with alignment came. */
  isOver(one, now) {
    if (one.caption.isEmpty) return one.text !== null && now - one.since > FIRST_SOUND;
    if (!one.caption.isGuessed && one.text !== null && one.caption.heard(now) === one.text.trim()) return true;
    const isWhole = one.caption.chars.length >= 0.9 * (one.text ?? "").length;
    return one.caption.isOver(now - (isWhole ? 0 : GAP));
  }

  /** The turn an event belongs to: the open one of its id, or a new one. Sound may come before or after its text. */
  current(id, isSound = false) {
    const one = this.said.findLast((one) => one.id === id);
    if (one && !one.closed && (isSound || one.text === null)) return one;
    const made = {
      id, kind: this.next, key: this.name("p", id), draft: "", text: null, since: 0, caption: new Caption(), sounding: false, blind: 0,
      severed: false, cut: false, over: false, closed: false, heard: "", corrected: null, waiting: 0,
    };
    this.said.push(made);
    return made;
  }

  /** A name for the next turn of this kind and event: "p4", and "p4.2" when the event brings a second one. */
  name(kind, id) {
    const stem = `${kind}${id}`;
    const count = (this.counts.get(stem) ?? 0) + 1;
    this.counts.set(stem, count);
    return count === 1 ? stem : `${stem}.${count}`;
  }
}
