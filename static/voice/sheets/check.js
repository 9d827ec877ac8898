// The look at the microphone before a first call: what the browser will ask, whether we hear anything, and what to do
// when not. It stands outside the page's one script; the page's settings are handed to it.

import { say } from "../sentences.js";
import { fill, list } from "./devices.js";
import { Ear } from "./ear.js";

const LOOK = 60; // milliseconds
const VOICE = 0.05; // of full scale: speech at arm's length is well above
const SPOKEN = 5; // looks with a voice in them until it counts as heard
const QUIET = 4_000; // until we say that nothing is heard
const NAMES = {
  NotAllowedError: "blocked", PermissionDeniedError: "blocked", NotFoundError: "missing", OverconstrainedError: "missing",
};

const part = (name) => document.getElementById(`check-${name}`);
const ear = new Ear();
let box = null;
let page = null;
let permission = null;
let looking = 0;

/** Make the sheet work. It closes with "go" as its return value when the call shall begin. */
export async function watch(sheet, { settings, call }) {
  box = sheet;
  page = { settings, call };
  box.dataset.browser = family();
  for (const name of ["allow", "again"]) part(name).addEventListener("click", listen);
  for (const name of ["go", "skip"]) part(name).addEventListener("click", () => box.close("go"));
  part("microphone").addEventListener("change", ({ target }) => {
    settings.write({ microphone: target.value });
    listen();
  });
  box.addEventListener("close", rest);
  navigator.mediaDevices?.addEventListener("devicechange", () => box.open && plugged());
}

/** The sheet is about to be shown. */
export function open() {
  box.returnValue = "";
  show("ask");
  begin();
}

async function begin() {
  await know();
  if (permission?.state === "granted") listen();
  else if (permission?.state === "denied") show("blocked");
}

/** Ask what the browser would say, and hear of it when that changes. Not every browser tells. */
async function know() {
  if (permission) return;
  try {
    permission = await navigator.permissions.query({ name: "microphone" });
    permission.addEventListener("change", () => box.open && changed());
  } catch {
    permission = null;
  }
}

function changed() {
  if (permission.state === "granted" && view() !== "hear") listen();
  else if (permission.state === "denied") deny();
}

function deny() {
  rest();
  show("blocked");
}

function plugged() {
  if (view() === "missing") listen();
  else if (view() === "hear") offerChoice();
}

/** Open the microphone and show how loud it is, or why it cannot be opened. */
async function listen() {
  rest();
  if (permission?.state !== "granted") show("asking");
  try {
    await ear.open(page.settings.read().microphone);
  } catch (error) {
    show(NAMES[error.name] ?? "busy");
    return;
  }
  if (!box.open) return rest(); // closed while the browser asked
  show("hear");
  offerChoice();
  look();
}

/** Look how loud it is until the sheet is closed. */
function look() {
  const began = performance.now();
  let spoken = 0;
  looking = setInterval(() => {
    const level = ear.level();
    part("level").value = Math.sqrt(level);
    if (level > VOICE) spoken += 1;
    if (spoken >= SPOKEN) tell("heard");
    else tell(performance.now() - began > QUIET ? "quiet" : "speak");
    box.toggleAttribute("data-heard", spoken >= SPOKEN);
  }, LOOK);
}

/** Several microphones: let the visitor choose. */
async function offerChoice() {
  const { audioinput } = await list();
  part("choice").hidden = audioinput.length < 2;
  fill(part("microphone"), audioinput, page.settings.read().microphone);
}

function rest() {
  clearInterval(looking);
  ear.close();
  box.removeAttribute("data-heard");
}

function view() {
  return box.dataset.view;
}

function show(next) {
  const within = box.contains(document.activeElement) && document.activeElement;
  box.dataset.view = next;
  for (const one of box.querySelectorAll("[data-for]")) one.hidden = !one.dataset.for.split(" ").includes(next);
  part("go").hidden ||= Boolean(page.call());
  part("done").hidden ||= !page.call();
  part("skip").hidden ||= Boolean(page.call());
  tell(next === "hear" ? "speak" : next === "asking" ? "asking" : "");
  if (within && !within.checkVisibility()) box.querySelector(".sheet-end .button:not([hidden])").focus();
}

/** Say it once: screen readers hear of every change. */
function tell(name) {
  const words = name && say(`check-${name}`);
  const place = box.querySelector("[data-says]");
  if (place.textContent !== words) place.textContent = words;
}

/** Whose questions and signs the visitor will see. Browsers on a phone look alike enough. */
function family() {
  const { userAgent, maxTouchPoints, platform } = navigator;
  if (/Android|iPhone|iPad|Mobile/.test(userAgent) || (platform === "MacIntel" && maxTouchPoints > 1)) return "phone";
  if (/Firefox\//.test(userAgent)) return "firefox";
  return /Safari\//.test(userAgent) && !/Chrome|Chromium|Edg/.test(userAgent) ? "safari" : "chromium";
}
