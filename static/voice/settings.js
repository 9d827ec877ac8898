// What the visitor has chosen: kept in this browser, the same in every tab, in force at once.

const KEY = "clone-advisor.settings.1"; // the number goes up when the same words come to mean something else

/** As it is before anybody chose: "" is the system's own device or the persona's own language, null its own pace. */
export const DEFAULTS = Object.freeze({
  microphone: "", speaker: "", volume: 100, language: "", speed: null, captions: "normal", pushToTalk: false,
  shortcuts: true,
});
export const CAPTIONS = ["off", "normal", "large", "huge"];
/** ElevenLabs' documented range for the speed of speech; 1 is the voice's own. */
export const SPEED = Object.freeze({ least: 0.7, most: 1.2, step: 0.05 });

const isName = (value) => typeof value === "string" && value.length <= 500;
const isBetween = (value, least, most) => Number.isFinite(value) && value >= least && value <= most;
const isTruth = (value) => typeof value === "boolean";
const FITS = {
  microphone: isName,
  speaker: isName,
  volume: (value) => isBetween(value, 0, 100),
  language: isName,
  speed: (value) => value === null || isBetween(value, SPEED.least, SPEED.most),
  captions: (value) => CAPTIONS.includes(value),
  pushToTalk: isTruth,
  shortcuts: isTruth,
};
const listeners = new Set();
let current = load();

addEventListener("storage", ({ key }) => (key === KEY || key === null) && become(load())); // null: all was cleared

/** All settings, as DEFAULTS names them. */
export function read() {
  return current;
}

/** Change some of them. What is no value for its name is left as it was. */
export function write(changes) {
  become({ ...current, ...sift(changes) });
  save();
}

export function reset() {
  become(DEFAULTS);
  save();
}

/** Call `listener(settings, names of what changed)` after every change, in this tab or another. Returns a way to stop. */
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Faster (1) or slower (-1) by a step that is heard, from the persona's `own` speed on. Returns the speed from now on. */
export function stepSpeed(direction, own = 1) {
  const wanted = (current.speed ?? own) + 2 * SPEED.step * direction;
  write({ speed: Math.round(100 * Math.min(SPEED.most, Math.max(SPEED.least, wanted))) / 100 });
  return current.speed;
}

/** Whether this browser lets the page remember them. Where it does not, they hold until the page is closed. */
export function save() {
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
    return true;
  } catch {
    return false; // storage is full or forbidden
  }
}

function load() {
  try {
    return Object.freeze({ ...DEFAULTS, ...sift(JSON.parse(localStorage.getItem(KEY))) });
  } catch {
    return DEFAULTS; // forbidden, or something else stands there
  }
}

/** What of it is a setting with a value that fits. */
function sift(candidate) {
  const names = Object.keys(DEFAULTS).filter((name) => Object.hasOwn(candidate ?? {}, name));
  return Object.fromEntries(names.filter((name) => FITS[name](candidate[name])).map((name) => [name, candidate[name]]));
}

function become(next) {
  const before = current;
  current = Object.freeze({ ...next });
  const changed = Object.keys(DEFAULTS).filter((name) => before[name] !== current[name]);
  if (changed.length) for (const listener of [...listeners]) listener(current, changed);
}
