// The chat page: the thread, the composer and the call, put together.

import { Call } from "./call.js";
import * as composer from "./composer.js";
import * as dock from "./dock.js";
import * as keep from "./keep.js";
import * as microphone from "./microphone.js";
import { announce, warn } from "./notice.js";
import { ask } from "./questions.js";
import * as rating from "./rating.js";
import { say } from "./sentences.js";
import { prepare } from "./session.js";
import * as source from "./source.js";
import * as thread from "./thread.js";
import * as thumbs from "./thumbs.js";

const page = document.getElementById("chat");
const talk = document.getElementById("talk");
const question = document.getElementById("composer").action;
const addresses = {
  start: page.dataset.start,
  attempt: page.dataset.attempt,
  heard: page.dataset.heard,
  end: page.dataset.end,
  worklets: { rawAudioProcessor: page.dataset.micWorklet, audioConcatProcessor: page.dataset.speechWorklet },
};
const RESTING = 6_000; // how long the ended call stays in sight
let call = null;
let resting = 0;
let resuming = 0; // the timer of a call about to be taken up again

thread.adopt();
keep.watch();
source.watch(document.getElementById("thread"));
thumbs.watch(document.getElementById("thread"), page.dataset.judge, (key, liked) => call?.judge(key, liked));
composer.watch((text) => (call?.type(text) ? undefined : ask(question, text)));
if (talk) offerVoice();

function offerVoice() {
  talk.hidden = false;
  talk.addEventListener("click", startCall);
  dock.watch({ mute: () => call?.mute(), end: hangUp, volume: (level) => call?.setVolume(level) });
  rating.watch(() => talk.focus());
  microphone.watch(() => call?.end("microphone-lost"));
  addEventListener("offline", () => call?.goOffline(true));
  addEventListener("online", () => call?.goOffline(false));
  addEventListener("pagehide", () => call?.leave());
  const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 300));
  idle(() => prepare().catch(() => {})); // pressing Talk asks again and says what is wrong
}

const REST_BEFORE_RESUMING = 700; // milliseconds: a line that has just dropped is rarely back at once

/** End the call, or do not take it up again. */
function hangUp() {
  if (call) {
    call.cancel();
  } else if (resuming) {
    clearTimeout(resuming);
    resuming = 0;
    endCall({ words: null, isCalm: true, hasLasted: true });
  }
}

async function startCall() {
  if (call || resuming) return; // a second click
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
function resumeCall(unanswered) {
  dock.show("connecting", { words: say("state-resuming"), hint: say("hint-resuming") });
  announce(say("announce-resuming"));
  resuming = setTimeout(() => {
    resuming = 0;
    call = new Call(addresses, { ended: endCall, resumed: true, unanswered });
    call.start();
  }, REST_BEFORE_RESUMING);
}

/** After a failure the thread goes on in the composer; otherwise Talk is at hand again. */
function endCall({ words, isCalm, hasLasted, isDropped, unanswered }) {
  call = null;
  if (isDropped) {
    resumeCall(unanswered);
    return;
  }
  talk.hidden = false;
  composer.invite(false);
  if (hasLasted) rest(isCalm && words);
  else dock.hide();
  if (hasLasted) rating.offer();
  if (isCalm) {
    announce(`${words || say("announce-ended")}${hasLasted ? ` ${say("rating-asked")}` : ""}`);
    talk.focus();
  } else {
    warn(words);
    composer.focus();
  }
}

function rest(words) {
  dock.show("ended", { hint: words || undefined });
  resting = setTimeout(dock.hide, RESTING);
}
