// Saying something beside the thread: a notice that stays until it is closed, and a quiet word for screen readers.

const box = document.getElementById("notice");
const words = document.getElementById("notice-words");
const announcer = document.getElementById("announcer");

document.getElementById("notice-close").addEventListener("click", () => {
  clear();
  document.getElementById("question").focus();
});

/** Show a sentence that asks something of the visitor. It is an alert: screen readers say it at once. */
export function warn(sentence) {
  box.hidden = false;
  words.textContent = sentence;
}

export function clear() {
  box.hidden = true;
  words.textContent = "";
}

/** Tell screen readers, politely. */
export function announce(sentence) {
  announcer.textContent = "";
  // The same words twice in a row are only read out again when the region was empty in between.
  setTimeout(() => {
    announcer.textContent = sentence;
  }, 50);
}
