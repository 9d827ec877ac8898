// The microphone: asking for it, and holding on to every stream opened on this page so that it can always be freed.
// The client opens streams of its own and gives no handle on them while a call is still starting, or when its
// permission is taken away; so the one door they all come through is watched.

const devices = navigator.mediaDevices; // held on to: WebKit forgets what is put on it once no script does
const open = new Map(); // each track with what ends our listening to it: a listener would keep it for ever
let wanted = 0; // goes up with every release: a stream asked for before that is not wanted any more
let isCalling = false;
const hear = { lost: null, taken: null };

/**
 * Begin to watch: `lost()` hears of one that was pulled out or forbidden, `taken(bool)` of one that the system keeps
 * silent, or gives back, `missing()` of one that was asked for and is not there. Without a secure address there is no
 * microphone to watch.
 */
export function watch({ lost, taken, missing }) {
  Object.assign(hear, { lost, taken });
  if (!devices?.getUserMedia) return;
  const door = devices.getUserMedia.bind(devices);
  const request = (constraints) => door(constraints).catch((error) => askForAny(door, constraints, error, missing));
  devices.getUserMedia = async (constraints) => {
    if (!isCalling && isForCall(constraints)) throw new DOMException("the call is over", "AbortError");
    const asked = wanted;
    const stream = await request(constraints);
    for (const track of stream.getTracks()) hold(track, asked);
    return stream;
  };
}

/** A call begins: the client may open microphones until `release()`. */
export function admit() {
  isCalling = true;
}

/**
 * Whether the client asks for the microphone of a call, going by a constraint that only it sets (1.25.0). It loads a
 * worklet first and may ask after the start has failed; nobody would ever close what it got.
 */
function isForCall({ audio }) {
  return "voiceIsolation" in Object(audio);
}

/** The microphone of that id is not there (an OverconstrainedError without a word): any other will do. */
function askForAny(door, { audio, ...others }, error, missing) {
  if (error.name !== "OverconstrainedError" || !audio?.deviceId) throw error;
  missing();
  return door({ ...others, audio: { ...audio, deviceId: undefined } });
}

/** True when the browser would let us in without asking. Browsers that cannot tell count as "will ask". */
export async function isGranted() {
  try {
    return (await navigator.permissions.query({ name: "microphone" })).state === "granted";
  } catch {
    return false;
  }
}

/** Ask the visitor for the microphone; returns its stream. Throws what the browser throws: NotAllowedError, ... */
export async function ask() {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new DOMException("no microphone on an insecure address", "SecurityError");
  }
  return navigator.mediaDevices.getUserMedia({ audio: true });
}

/** Switch one stream off. */
export function close(stream) {
  for (const track of stream?.getTracks() ?? []) {
    track.stop();
    letGo(track);
  }
}

/** Switch every microphone stream off, also those still on their way. */
export function release() {
  wanted += 1;
  isCalling = false;
  for (const track of open.keys()) {
    track.stop();
    letGo(track);
  }
}

/** Whether it was held. */
function letGo(track) {
  open.get(track)?.abort();
  return open.delete(track);
}

function hold(track, asked) {
  if (asked !== wanted) {
    track.stop();
    return;
  }
  const listening = new AbortController();
  const { signal } = listening;
  open.set(track, listening);
  // `ended` comes when the device is pulled out or the permission taken away, never after our own stop().
  track.addEventListener("ended", () => letGo(track) && hear.lost?.(), { signal });
  // A phone call, another app, or a switch on the device itself.
  for (const name of ["mute", "unmute"]) track.addEventListener(name, () => hear.taken?.(track.muted), { signal });
}
