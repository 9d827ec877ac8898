// The chat page: the thread, the composer and the call, put together.

import { Call } from "./call.js";
import * as composer from "./composer.js";
import * as dock from "./dock.js";
import * as first from "./first.js";
import * as hold from "./hold.js";
import * as keep from "./keep.js";
import * as late from "./late.js";
import * as line from "./line.js";
import * as microphone from "./microphone.js";
import { announce, clear, offer, warn } from "./notice.js";
import { ask, resume } from "./questions.js";
import * as rating from "./rating.js";
import { say } from "./sentences.js";
import { prepare } from "./session.js";
import * as settings from "./settings.js";
import * as shortcuts from "./shortcuts.js";
import * as source from "./source.js";
import * as tabs from "./tabs.js";
import * as thread from "./thread.js";
import * as thumbs from "./thumbs.js";
import * as tour from "./tour.js";
import { Waiting } from "./waiting.js";

const page = document.getElementById("chat");
const talk = document.getElementById("talk");
const question = document.getElementById("composer").action;
const addresses = {
  start: page.dataset.start,
  attempt: page.dataset.attempt,
  idle: { after: Number(page.dataset.idle), countdown: Number(page.dataset.countdown) },
  wait: page.dataset.wait,
  leave: page.dataset.leave,
  heard: page.dataset.heard,
  end: page.dataset.end,
  languages: page.dataset.languages.split(" "),
  worklets: {
    rawAudioProcessor: page.dataset.micWorklet,
    audioConcatProcessor: page.dataset.speechWorklet,
    resampler: page.dataset.resampler,
  },
};
const RESTING = 6_000; // how long the ended call stays in sight
let call = null;
let waiting = null; // a place in line
let told = null; // the call before, whose last words may still be on their way to the server
let resting = 0;
let isAsking = false; // whether another tab has a call
let resuming = null; // a call about to be taken up again: its timer, and how the one before is told to be over

thread.adopt();
keep.watch();
source.watch(document.getElementById("thread"));
thumbs.watch(document.getElementById("thread"), page.dataset.judge, (key, liked) => call?.judge(key, liked));
composer.watch((text) => (call?.type(text) ? undefined : ask(question, text)));
tabs.watch({
  url: page.dataset.turns,
  persona: page.dataset.address,
  isBusy: () => Boolean(call || resuming || told?.isTelling),
  learn: (turn) => call?.learn(turn),
  gone: sayGone,
});
resume(question);
settings.watch(obey);
obey(settings.read());
for (const button of document.querySelectorAll("main [data-opens], .bar [data-opens]")) {
  button.hidden = false;
  button.addEventListener("click", () => openSheet(button.dataset.opens));
}
shortcuts.watch(
  {
    "/": composer.focus,
    ",": () => openSheet("settings"),
    "?": () => openSheet("help"),
    s: () => source.openLatest() || announce(say("sources-none")),
    j: () => thread.step(1),
    k: () => thread.step(-1),
    ...(talk && { c: () => (call || resuming ? hangUp() : begin()), m: () => call?.voice?.toggle() }),
  },
  { wanted: () => call?.status.holding, begin: () => hold.begin("space"), end: () => hold.end("space") },
);
if (talk) offerVoice();
tour.offer(() => isUntouched());
document.getElementById("tour-again").addEventListener("click", () => (call || waiting || resuming ? warn(say("tour-later")) : tour.show()));

/** The conversation was deleted in another tab, or on the list of all of them. */
function sayGone() {
  hangUp();
  offer("thread-gone", say("begin-anew"), () => location.assign(page.dataset.address));
}

/** Nobody has said, written or opened anything yet. */
function isUntouched() {
  const { activeElement: active } = document;
  return !(call || waiting || resuming) && !("begun" in page.dataset) && !document.querySelector("dialog[open]") && !active?.value;
}

/** What of the settings shows on the page, in a call or not. */
function obey({ captions, volume, pushToTalk }) {
  document.documentElement.dataset.captions = captions;
  if (!talk) return;
  dock.showVolume(volume);
  dock.showHold(pushToTalk);
}

function openSheet(name) {
  hold.letGo();
  late.open(name, () => call);
}

function offerVoice() {
  talk.hidden = false;
  talk.addEventListener("click", begin);
  if (location.hash === "#talk") talk.focus(); // staff come here to hear it: one press and it speaks
  first.watch(startCall, () => call);
  dock.watch({ mute: () => call?.voice?.toggle(), end: hangUp, take: startCall, stay: () => call?.stay(), volume: (level) => settings.write({ volume: 100 * level }) });
  hold.watch((held) => call?.voice?.hold(held));
  rating.watch(() => talk.focus());
  document.getElementById("composer").addEventListener("input", () => call?.touch());
  microphone.watch({
    lost: () => (call?.voice ? call.voice.changeOver() : call?.end("microphone-lost")),
    taken: (taken) => call?.status.note({ taken }),
    missing: () => call && warn(say("microphone-missing-chosen")),
  });
  addEventListener("offline", () => call?.goOffline(true));
  addEventListener("online", () => call?.goOffline(false));
  line.watch(page.dataset.persona, () => (call ? call.end("end-elsewhere") : hangUp()));
  addEventListener("pagehide", () => (call ?? told)?.leave());
  addEventListener("pageshow", (event) => event.persisted && call?.end(null)); // it was told of when the page was left
  const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 300));
  idle(() => prepare().catch(() => {})); // pressing Talk asks again and says what is wrong
}

const REST_BEFORE_RESUMING = 700; // milliseconds: a line that has just dropped is rarely back at once

/** End the call, do not take it up again, or leave the line. */
function hangUp() {
  if (call) {
    call.cancel();
  } else if (waiting) {
    waiting.leave();
  } else if (resuming) {
    clearTimeout(resuming.timer);
    resuming.tellEnd();
    resuming = null;
    endCall({ words: null, isCalm: true, hasLasted: true });
  }
}

/** Talk was pressed: a first call begins with a look at the microphone. */
async function begin() {
  if (call || resuming || isAsking) return; // a second click
  isAsking = true;
  hold.letGo();
  const isShown = (await first.isDue()) && (await first.open(() => call));
  isAsking = false;
  if (!isShown) await startCall();
}

/** Start a call, unless another tab has one: then say where it is, and offer to have it here. */
async function startCall() {
  if (call || resuming || isAsking) return;
  isAsking = true;
  const elsewhere = await line.take(page.dataset.persona);
  isAsking = false;
  if (elsewhere === null) await connect();
  else offer(elsewhere ? "call-elsewhere" : "call-somewhere", say("call-here"), moveHere, { name: elsewhere });
}

async function moveHere() {
  clear();
  await line.takeOver();
  await connect();
}

async function connect() {
  waiting?.finish();
  waiting = null;
  clearTimeout(resting);
  rating.hide();
  call = new Call(addresses, { ended: endCall });
  talk.hidden = true;
  dock.showMuted(false);
  dock.showTrouble(false);
  dock.showTime(0);
  dock.show("connecting");
  dock.focus();
  composer.invite(true);
  thread.follow(true);
  await call.start();
}

/** The line dropped: the same thread goes on in a new call, once. */
function resumeCall(unanswered, tellEnd) {
  dock.show("connecting", { words: say("state-resuming"), hint: say("hint-resuming") });
  announce(say("announce-resuming"));
  const timer = setTimeout(() => {
    resuming = null;
    call = new Call(addresses, { ended: endCall, resumed: true, unanswered });
    call.start().finally(tellEnd);
  }, REST_BEFORE_RESUMING);
  resuming = { timer, tellEnd };
}

/** After a failure the thread goes on in the composer; otherwise Talk is at hand again. */
function endCall({ words, isCalm, hasLasted, isDropped, isElsewhere, isBusy, unanswered, session, tellEnd, why }) {
  told = call;
  call = null;
  if (isDropped) return resumeCall(unanswered, tellEnd);
  line.free();
  hold.letGo();
  thread.rest();
  if (isBusy) return standInLine(session);
  talk.hidden = false;
  composer.invite(false);
  if (hasLasted) rest(isCalm && words);
  else dock.hide();
  if (hasLasted && !isElsewhere) rating.offer();
  if (isCalm) {
    announce(`${words || say("announce-ended")}${hasLasted ? ` ${say("rating-asked")}` : ""}`);
    talk.focus();
  } else {
    if (why === "microphone-denied") offer(why, say("show-where"), () => openSheet("check"));
    else warn(words);
    composer.focus();
  }
}

/** All lines are taken: the call begins when it is this visitor's turn. Typing goes on meanwhile. */
function standInLine(refused) {
  composer.invite(false);
  waiting = new Waiting(addresses, (sentence) => {
    waiting = null;
    const end = { words: sentence ?? say("wait-left"), isCalm: sentence === null };
    endCall({ ...end, hasLasted: false });
  });
  waiting.join(refused);
}

function rest(words) {
  dock.show("ended", { hint: words || undefined });
  resting = setTimeout(dock.hide, RESTING);
}
