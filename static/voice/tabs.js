// Other tabs of this browser: what is said in one appears in all that show the same conversation, and the server has the
// last word on it whenever a tab is looked at again.

import { offer, withdraw } from "./notice.js";
import { fetchJson } from "./requests.js";
import { say } from "./sentences.js";
import * as thread from "./thread.js";

const channel = window.BroadcastChannel ? new BroadcastChannel("conversations") : null;
const SETTLE = 600; // milliseconds: the last words of a tab that closes are on their way
const LATER = 2_500; // and a slow server's
const BUSY = "busy";
const TALKING = 4_000; // after words of a call in another tab, which knows better than the server how far they were heard
let spokenAt = -TALKING;
let due = 0;
let isComparing = false;
let isStale = false; // something happened while the server was being asked

/**
 * Keep this tab in step. `url` gives the server's account of the thread, `persona` is the address of the persona's page;
 * `isBusy()` says that this tab is the one where it is being spoken; `learn(turn)` hears of a finished turn from another
 * tab, `gone()` that the conversation was deleted.
 */
export function watch({ url, persona, isBusy, learn, gone }) {
  const post = (kind, turn) => channel?.postMessage({ kind, persona, turn, thread: thread.name() });
  const check = (wait = 0) => {
    clearTimeout(due);
    due = setTimeout(() => isBusy() || performance.now() - spokenAt < TALKING || keepComparing(url, gone), wait);
  };
  thread.tell((turn) => post("turn", turn));
  if (channel) channel.onmessage = ({ data }) => data.persona === persona && hear(data, check, learn);
  addEventListener("focus", () => check());
  addEventListener("pageshow", (event) => event.persisted && check());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && check());
  addEventListener("pagehide", () => {
    note(isBusy());
    post("left");
  });
  post("opened");
  if (wasBusy()) for (const wait of [SETTLE, LATER]) setTimeout(check, wait);
}

/** Whether this tab was left while it still had something to tell: the page it shows now was drawn before that arrived. */
function wasBusy() {
  try {
    return sessionStorage.getItem(BUSY) === "yes";
  } catch {
    return false; // storage is switched off: the next look asks the server
  }
}

function note(isBusy) {
  try {
    sessionStorage.setItem(BUSY, isBusy ? "yes" : "no");
  } catch {
    // as above
  }
}

function hear({ kind, turn, thread: name }, check, learn) {
  if (kind === "left") {
    spokenAt = -TALKING;
    check(SETTLE);
  } else if (kind === "opened" || !thread.name()) {
    check();
  } else if (name === thread.name()) {
    if (turn.channel === "spoken") spokenAt = performance.now();
    if (!thread.copy(turn)) check(SETTLE); // the server has all of it, once no more pieces come
    if (turn.id && turn.channel === "typed") learn(turn);
  }
}

/** One question at a time: of two under way the older answer could be the last word. */
async function keepComparing(url, gone) {
  isStale = true;
  if (isComparing) return;
  isComparing = true;
  while (isStale) {
    isStale = false;
    await compare(url, gone);
  }
  isComparing = false;
}

async function compare(url, gone) {
  const asked = thread.name();
  let account;
  try {
    account = await fetchJson(`${url}?thread=${asked}`);
  } catch (error) {
    if (error.status === 404) gone();
    return; // no network: the next look asks again
  }
  if (asked !== thread.name()) return; // the first words were said meanwhile
  thread.settleOn(account.thread);
  thread.reconcile(account.turns);
  if (account.latest === account.thread) withdraw("elsewhere");
  else offer("elsewhere", say("go-there"), () => location.assign(account.url));
}
