// Which microphones and speakers there are. Their names are known once the microphone was allowed.

import { say } from "../sentences.js";

const GROUPS = new Set(["default", "communications"]); // Chromium's names for what the system prefers

/** {audioinput, audiooutput, isNamed}: devices as {id, label}, without those that only stand for another. */
export async function list() {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const of = (kind) => {
    const devices = all.filter((one) => one.kind === kind && one.deviceId && !GROUPS.has(one.deviceId));
    return devices.map(({ deviceId: id, label }, index) => ({ id, label: label || say("device-unnamed", { number: index + 1 }) }));
  };
  return { audioinput: of("audioinput"), audiooutput: of("audiooutput"), isNamed: all.some((one) => one.label) };
}

/** Offer these devices, and the chosen one also when it is not among them. Returns whether it is. */
export function fill(select, devices, chosen) {
  const isKnown = !chosen || devices.some(({ id }) => id === chosen);
  const usual = { id: "", label: say("device-usual") };
  const absent = isKnown ? [] : [{ id: chosen, label: say("device-absent") }];
  const options = [usual, ...devices, ...absent].map(({ id, label }) => new Option(label, id));
  select.replaceChildren(...options);
  select.value = chosen;
  return isKnown;
}

export function canChooseSpeaker() {
  return "setSinkId" in HTMLMediaElement.prototype;
}
