// The dock: what the call is doing, in words and shape, and its controls.

import { say } from "./sentences.js";

const dock = document.getElementById("dock");
const part = (id) => document.getElementById(id);

/** Tell `act` what is pressed: {mute(), volume(0..1), end(), take(), stay()}. */
export function watch(act) {
  part("talk-now").addEventListener("click", act.take);
  part("stay").addEventListener("click", act.stay);
  part("mute").addEventListener("click", act.mute);
  part("end").addEventListener("click", act.end);
  part("volume").addEventListener("input", () => act.volume(volume()));
}

export function showVolume(volume) {
  part("volume").value = volume;
}

/** Push-to-talk has a big button of its own in the place of the one that mutes. */
export function showHold(holding) {
  part("hold").hidden = !holding;
  part("mute").hidden = holding;
}

export function volume() {
  return Number(part("volume").value) / 100;
}

/** Show a state; `hint` replaces the state's own second line. */
export function show(state, { words, hint } = {}) {
  dock.hidden = false;
  dock.dataset.state = state;
  write("dock-state", words ?? say(`state-${state}`));
  write("dock-hint", hint ?? say(`hint-${state}`));
  const starting = state === "asking" || state === "connecting";
  const { live, starting: cancel, waiting: leave } = part("end-word").dataset;
  write("end-word", starting ? cancel : inLine(state) ? leave : live);
  part("mute").disabled = starting;
  part("hold").disabled = starting;
  part("talk-now").hidden = state !== "turn";
  part("stay").hidden = state !== "idle";
}

function inLine(state) {
  return state === "waiting" || state === "turn";
}

export function hide() {
  dock.hidden = true;
}

export function focus() {
  dock.focus({ preventScroll: true });
}

/** The one press that a browser wants before it lets sound through. */
export function offerSound(offered) {
  const wasIn = dock.contains(document.activeElement);
  part("hear").hidden = !offered;
  if (offered && wasIn) part("hear").focus({ preventScroll: true });
  else if (!offered && wasIn && document.activeElement === document.body) focus();
}

export function showMuted(muted) {
  part("mute").setAttribute("aria-pressed", String(muted));
  dock.toggleAttribute("data-muted", muted);
}

export function showTrouble(trouble) {
  dock.toggleAttribute("data-trouble", trouble);
}

/** Seconds since the call was connected, as 1:05. */
export function showTime(seconds) {
  write("dock-time", clock(seconds));
}

export function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

function write(id, words) {
  if (part(id).textContent !== words) part(id).textContent = words;
}
