// The part of the settings sheet that is about devices: which there are, what the microphone hears, how the speaker sounds.

import { explainStart } from "../failures.js";
import { isGranted } from "../microphone.js";
import { say } from "../sentences.js";
import { playTone } from "../trial/sound.js";
import { canChooseSpeaker, fill, list } from "./devices.js";
import { Ear } from "./ear.js";

const EVERY = 60; // milliseconds
const HEARD = 0.3; // of the bar: a voice at arm's length is above, a room is below

const part = (id) => document.getElementById(id);
const ear = new Ear();
let form = null;
let on = null; // {settings, call, tell} of the sheet
let timer = 0;
let hasHeard = false;
let hadCall = false;

export function watch(settingsForm, hooks) {
  form = settingsForm;
  on = hooks;
  part("microphone-allow").addEventListener("click", listen);
  part("speaker-try").addEventListener("click", trySpeaker);
  part("speaker-choice").hidden = !canChooseSpeaker();
  part("speaker-none").hidden = canChooseSpeaker();
  navigator.mediaDevices?.addEventListener("devicechange", () => timer && lookAround());
  on.settings.watch((now, changed) => timer && changed.includes("microphone") && change());
}

/** The sheet is shown: list the devices and, where that asks nothing of anybody, hear the microphone. */
export async function begin() {
  hasHeard = false;
  timer ||= setInterval(step, EVERY);
  await lookAround();
  if (!on.call() && (await isGranted())) await listen();
}

export function rest() {
  clearInterval(timer);
  timer = 0;
  ear.close();
}

async function lookAround() {
  const devices = await list();
  const chosen = on.settings.read();
  const isKnown = fill(form.elements.microphone, devices.audioinput, chosen.microphone);
  fill(form.elements.speaker, devices.audiooutput, chosen.speaker);
  part("microphone-allow").hidden = devices.isNamed || Boolean(on.call());
  write(devices.isNamed && !isKnown ? say("microphone-absent") : "");
}

/** Another microphone was chosen: see whether it hears. */
async function change() {
  hasHeard = false;
  await lookAround();
  if (ear.isOpen) await listen();
}

async function listen() {
  try {
    await ear.open(on.settings.read().microphone);
    if (!timer) ear.close(); // the sheet was closed meanwhile
    else await lookAround(); // names are known from here on
  } catch (error) {
    write(say(explainStart(error)));
  }
}

/** Show the level: of the call's own microphone while there is one, of ours otherwise. */
function step() {
  const call = on.call();
  if (call && ear.isOpen) ear.close();
  else if (!call && !ear.isOpen && hadCall) listen();
  hadCall = Boolean(call);
  const level = call ? call.voice?.level() ?? null : ear.level();
  const shown = Math.min(1, 1.4 * Math.sqrt(level ?? 0));
  part("microphone-level").value = shown;
  if (call?.status.muted) write(say("microphone-muted"));
  else if (!hasHeard && shown > HEARD) {
    hasHeard = true;
    write(say("microphone-hears"));
  }
}

async function trySpeaker() {
  const { speaker, volume } = on.settings.read();
  try {
    await playTone({ speaker: canChooseSpeaker() ? speaker : "", volume: volume / 100 });
  } catch {
    on.tell(say("speaker-absent"));
  }
}

function write(sentence) {
  if (part("microphone-says").textContent !== sentence) part("microphone-says").textContent = sentence;
}
