// The page on which staff try the voice: every part of a call in turn, each with pass or fail, figures and advice.

import { tryCall } from "./call.js";
import { listen, play, playTone } from "./sound.js";
import { Refusal, exchange } from "../requests.js";
import { say } from "../sentences.js";

const trial = document.getElementById("trial");
const run = document.getElementById("run");
const LOUD_ENOUGH = 0.02; // of full scale: speech at arm's length is well above, a muted device is at zero

if (trial) {
  run.hidden = false;
  run.addEventListener("click", runAll);
}

async function runAll() {
  run.disabled = true;
  document.getElementById("verdict").textContent = "";
  const results = [];
  for (const check of [tryBrowser, tryServer, tryMicrophone, trySpeaker, tryWholeCall]) results.push(await check());
  const failed = results.filter((passed) => !passed).length;
  const counts = { count: failed, all: results.length };
  document.getElementById("verdict").textContent = failed ? say("some-failed", counts) : say("all-passed");
  run.disabled = false;
  run.focus();
}

/** Show how a check stands. Returns whether it passed. */
function tell(id, state, says = "", advice = "") {
  const row = document.getElementById(`check-${id}`);
  row.dataset.state = state;
  row.querySelector(".check-state").textContent = say(state);
  row.querySelector(".check-says").textContent = says;
  row.querySelector(".check-advice").textContent = state === "failed" ? advice : "";
  return state === "passed";
}

function listParts(id, parts) {
  const template = document.getElementById("part");
  const rows = parts.map((part) => {
    const row = template.content.firstElementChild.cloneNode(true);
    row.dataset.state = part.ok ? "passed" : "failed";
    row.querySelector(".part-name").textContent = part.name;
    row.querySelector(".check-state").textContent = say(row.dataset.state);
    row.querySelector(".part-figure").textContent = part.milliseconds == null ? "" : `${Math.round(part.milliseconds)} ms`;
    row.querySelector(".part-says").textContent = part.says;
    row.querySelector(".part-advice").textContent = part.ok ? "" : part.advice;
    return row;
  });
  document.querySelector(`#check-${id} .parts`).replaceChildren(...rows);
}

function tryBrowser() {
  const wanted = {
    "https": window.isSecureContext,
    "getUserMedia": Boolean(navigator.mediaDevices?.getUserMedia),
    "AudioWorklet": Boolean(window.AudioWorklet),
    "WebSocket": Boolean(window.WebSocket),
  };
  const missing = Object.keys(wanted).filter((name) => !wanted[name]);
  if (missing.length) return tell("browser", "failed", say("browser-unfit", { parts: missing.join(", ") }), say("browser-advice"));
  return tell("browser", "passed", say("browser-fit"));
}

async function tryServer() {
  tell("server", "running");
  listParts("server", []);
  try {
    const { findings } = await exchange(trial.dataset.inspect, {});
    listParts("server", findings);
    return tell("server", findings.every((finding) => finding.ok) ? "passed" : "failed");
  } catch (error) {
    const says = error instanceof Refusal && error.message ? error.message : say("server-unreachable");
    return tell("server", "failed", says, say("server-advice"));
  }
}

async function tryMicrophone() {
  tell("microphone", "running", say("speak"));
  const again = document.getElementById("microphone-action");
  again.hidden = true;
  try {
    const heard = await listen((level) => (document.getElementById("level").value = level));
    again.hidden = !heard.recording;
    again.onclick = () => play(heard.recording);
    const words = { device: heard.device, level: Math.round(20 * Math.log10(Math.max(heard.loudest, 1e-5))) };
    if (heard.loudest < LOUD_ENOUGH) {
      return tell("microphone", "failed", say("microphone-quiet", words), say("microphone-advice"));
    }
    return tell("microphone", "passed", say("microphone-heard", words));
  } catch (error) {
    return tell("microphone", "failed", say("microphone-none", { name: error.name }), say("microphone-advice"));
  }
}

async function trySpeaker() {
  tell("speaker", "running", say("tone"));
  await playTone();
  tell("speaker", "running", say("speaker-asked"));
  const heard = await askWhetherHeard();
  if (heard) return tell("speaker", "passed", say("speaker-heard"));
  return tell("speaker", "failed", say("speaker-silent"), say("speaker-advice"));
}

/** Yes, no, or the tone once more. */
function askWhetherHeard() {
  const actions = document.querySelector("#check-speaker .check-actions");
  const again = document.getElementById("speaker-action");
  again.hidden = false;
  again.onclick = playTone;
  return new Promise((resolve) => {
    const buttons = ["yes", "no"].map((word) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet";
      button.textContent = say(word);
      button.addEventListener("click", () => {
        buttons.forEach((one) => one.remove());
        resolve(word === "yes");
      });
      return button;
    });
    actions.append(...buttons);
    buttons[0].focus();
  });
}

async function tryWholeCall() {
  tell("call", "running");
  listParts("call", []);
  const { parts, reason } = await tryCall(trial.dataset, (so) => listParts("call", so));
  if (reason) return tell("call", "failed", say("call-failed", { reason }), say("call-advice"));
  const passed = parts.every((part) => part.ok);
  return tell("call", passed ? "passed" : "failed", say("call-held"), say("call-advice"));
}
