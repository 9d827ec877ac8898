// Saying something beside the thread: a notice that stays until it is closed, and a quiet word for screen readers.

import { say } from "./sentences.js";

const box = document.getElementById("notice");
const words = document.getElementById("notice-words");
const announcer = document.getElementById("announcer");

const action = document.getElementById("notice-act");
let act = () => {};

action.addEventListener("click", () => act());
document.getElementById("notice-close").addEventListener("click", () => {
  clear();
  document.getElementById("question").focus();
});

/** What lies behind an open sheet is neither seen nor read out, so the sheet says it, too. */
function saidInFront() {
  return document.querySelector("dialog:modal [data-says]");
}

/** Show a sentence that asks something of the visitor. It is an alert: screen readers say it at once. */
export function warn(sentence) {
  box.hidden = false;
  words.textContent = sentence;
  action.hidden = true;
  delete box.dataset.offer;
  const front = saidInFront();
  if (front) front.textContent = sentence;
}

/** Say the sentence of that name with a button that does something about it. Once: an alert is not repeated. */
export function offer(name, word, run, places) {
  act = run;
  if (box.dataset.offer === name) return;
  warn(say(name, places));
  box.dataset.offer = name;
  action.textContent = word;
  action.hidden = false;
}

/** What was offered is no longer so. */
export function withdraw(name) {
  if (box.dataset.offer === name) clear();
}

export function clear() {
  box.hidden = true;
  words.textContent = "";
  action.hidden = true;
  delete box.dataset.offer;
}

/** The quiet line below the composer. */
export function hint(sentence) {
  if (sentence) document.getElementById("composer-hint").textContent = sentence;
}

/** Tell screen readers, politely. */
export function announce(sentence) {
  const place = saidInFront() ?? announcer;
  place.textContent = "";
  // The same words twice in a row are only read out again when the region was empty in between.
  setTimeout(() => {
    place.textContent = sentence;
  }, 50);
}
