// What the visitor tells a call to do by voice: the agent hears the wish and has the page carry it out. Each command gives
// back the words that the agent is to say; what cannot be done is told as an error, at once, so that nobody waits.
// The other half, which tells the agent when to call them, is voice/agents/commands.py.

import { say } from "./sentences.js";
import * as settings from "./settings.js";
import * as source from "./source.js";

const STEPS = { slower: -1, faster: 1 };

/** The commands of a call, as session.open() takes them: by name, what is done with the parameters. */
export function commands(call) {
  return Object.fromEntries(Object.entries(ACTS).map(([name, act]) => [name, (wish) => carryOut(call, name, act, wish ?? {})]));
}

const ACTS = {
  repeat_answer(call) {
    const answer = call.utterances.lastAnswer();
    call.utterances.expect("repeats");
    return answer || say("command-nothing-said");
  },

  set_speaking_speed(call, { speed }) {
    if (speed !== "normal" && !Object.hasOwn(STEPS, speed)) throw new Error(`speed: ${speed} is none of slower, faster, normal`);
    call.utterances.expect("aside");
    const before = settings.read().speed;
    if (speed === "normal") settings.write({ speed: null });
    else settings.stepSpeed(STEPS[speed], ownSpeed());
    const isSame = settings.read().speed === before && speed !== "normal";
    return say(isSame ? `command-${speed}-no-more` : `command-${speed}`);
  },

  show_sources(call) {
    call.utterances.expect("aside");
    return say(source.openLatest() ? "command-source" : "sources-none");
  },

  stop_speaking(call) {
    call.hush();
    return "";
  },
};

function carryOut(call, name, act, wish) {
  let done = false;
  try {
    const words = act(call, wish);
    done = true;
    return { say: words };
  } finally {
    call.utterances.obeyed([name, wish.speed].filter(Boolean).join(" "), done);
  }
}

function ownSpeed() {
  return Number(document.getElementById("speed")?.defaultValue) || 1;
}
