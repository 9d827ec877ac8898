// A visitor's first call begins with a look at the microphone; the ones after it do not.

import * as late from "./late.js";
import { isGranted } from "./microphone.js";

const KEY = "clone-advisor.microphone.1";
const sheet = document.getElementById("check");

/** `start()` begins the call when the visitor goes on from the look at the microphone; `call()` gives a running one. */
export function watch(start, call) {
  sheet.addEventListener("close", () => {
    if (sheet.returnValue !== "go") return;
    remember();
    if (!call()) start();
  });
}

/** Whether the browser will ask for the microphone, and nobody has told this visitor how. */
export async function isDue() {
  return Boolean(navigator.mediaDevices?.getUserMedia) && !isRemembered() && !(await isGranted());
}

/** Show it. False when it cannot be had: then the call begins without it. */
export async function open(call) {
  await late.open("check", call);
  return sheet.open;
}

function isRemembered() {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false; // storage is forbidden: the look is repeated
  }
}

function remember() {
  try {
    localStorage.setItem(KEY, "1");
  } catch {
    // storage is full or forbidden
  }
}
