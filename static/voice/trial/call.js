// One whole call, measured: connected, first sound, a question asked by typing, looked up, answered, heard.

import { exchange, post } from "../requests.js";
import { say } from "../sentences.js";
import { open } from "../session.js";

const START = 12_000; // milliseconds until each step is given up
const STEP = 15_000;
const AUDIBLE = 0.01; // of the client's output level

/** Hold a call. Resolves to {parts: [{name, ok, says, milliseconds}], reason: "" or why there was none}. */
export async function tryCall({ start, end, question, micWorklet, speechWorklet, resampler }, show) {
  const parts = [];
  const events = new Events();
  const began = performance.now();
  let grant = null;
  let session = null;
  try {
    const signal = AbortSignal.timeout(START);
    grant = await exchange(start, {}, { signal });
    const worklets = { rawAudioProcessor: micWorklet, audioConcatProcessor: speechWorklet, resampler };
    session = await open(grant, worklets, events.handlers(), signal);
    parts.push(measured("part-connected", began, performance.now()));
    show(parts);
    await measure(parts, show, events, session, question, began);
    return { parts, reason: "" };
  } catch (error) {
    return { parts, reason: error.message || error.name };
  } finally {
    await session?.end().catch(() => {}); // it may have ended by itself
    if (grant) post(end, { session: grant.session, reason: "a trial" }).catch(() => {}); // it also ends by its age
  }
}

async function measure(parts, show, events, session, question, began) {
  const add = (part) => {
    parts.push(part);
    show(parts);
  };
  const listening = new Loudness(session);
  add(await waitFor("part-sound", events.first("sound"), began));
  if (question) {
    const asked = performance.now();
    events.forget();
    session.write(question);
    const [lookedUp, answered] = await Promise.all([
      waitFor("part-tool", events.first("found"), asked),
      waitFor("part-asked", events.first("persona"), asked),
    ]);
    add(lookedUp);
    add(answered);
    await Promise.race([events.first("quiet"), pause(STEP)]);
  }
  const loudest = listening.stop();
  add({ name: say("part-played"), ok: loudest > AUDIBLE, says: "", advice: say("speaker-advice"), milliseconds: null });
}

/** What happens in the call, waited for by name. */
class Events {
  waiting = new Map();

  first(name) {
    return new Promise((resolve) => this.waiting.set(name, resolve));
  }

  forget() {
    this.waiting.clear();
  }

  happen(name) {
    this.waiting.get(name)?.(performance.now());
    this.waiting.delete(name);
  }

  handlers() {
    const on = (name) => () => this.happen(name);
    const none = () => {};
    return {
      visitor: none, persona: on("persona"), part: none, sound: on("sound"), correction: none, interruption: none,
      searching: none, found: on("found"), mode: (mode) => mode === "listening" && this.happen("quiet"), arrived: none,
      ended: none,
    };
  }
}

/** The loudest that the speaker was told to play. */
class Loudness {
  loudest = 0;

  constructor(session) {
    this.timer = setInterval(() => (this.loudest = Math.max(this.loudest, session.outputLevel())), 50);
  }

  stop() {
    clearInterval(this.timer);
    return this.loudest;
  }
}

async function waitFor(name, event, since) {
  const at = await Promise.race([event, pause(STEP)]);
  if (at) return measured(name, since, at);
  return { name: say(name), ok: false, says: say("part-none", { seconds: STEP / 1000 }), advice: "", milliseconds: null };
}

function measured(name, since, at) {
  return { name: say(name), ok: true, says: "", advice: "", milliseconds: at - since };
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(() => resolve(0), milliseconds));
}
