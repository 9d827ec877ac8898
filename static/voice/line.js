// One call at once in this browser. The tab that has it holds a lock, which a tab that dies gives back; the others know
// whom it is with, and can take it over.

const LOCK = "voice call";
const PATIENCE = 2_500; // milliseconds until a tab that does not let go is no longer waited for
const channel = window.BroadcastChannel ? new BroadcastChannel("calls") : null;
let letGo = null;
let giveUp = () => {};
let other = ""; // whom the call of another tab is with

/** `who` is the persona's name; `lost()` ends this tab's call, because another tab takes it over. */
export function watch(who, lost) {
  giveUp = lost;
  if (!channel) return;
  channel.onmessage = ({ data }) => {
    if (data.kind === "mine") other = data.who;
    else if (data.kind === "where" && letGo) channel.postMessage({ kind: "mine", who });
    else if (data.kind === "mine now" && letGo) giveUp();
  };
}

/** Take the line. Resolves to null when this tab has it now, else to whom the call of another tab is with. */
export async function take(who) {
  if (!navigator.locks || (await hold({ ifAvailable: true }))) {
    channel?.postMessage({ kind: "mine", who });
    return null;
  }
  channel?.postMessage({ kind: "where" });
  await new Promise((wake) => setTimeout(wake, 120)); // for the other tab's answer; without one its name is left out
  return other;
}

/** Have the other tab end its call, and take the line from it. */
export async function takeOver() {
  channel?.postMessage({ kind: "mine now" });
  const isFree = await hold({ signal: AbortSignal.timeout(PATIENCE) });
  if (!isFree) await hold({ steal: true });
}

export function free() {
  letGo?.();
  letGo = null;
}

function hold(options) {
  return new Promise((answer) => {
    const keep = (lock) => {
      answer(Boolean(lock));
      return lock ? new Promise((done) => (letGo = done)) : undefined;
    };
    navigator.locks.request(LOCK, options, keep).catch((error) => {
      answer(false);
      if (error.name === "AbortError" && letGo) giveUp(); // it was taken from this tab, which did not answer in time
    });
  });
}
