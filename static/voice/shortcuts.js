// Keys that work anywhere on the page, as long as nobody is typing; they can be switched off in the settings.

import * as settings from "./settings.js";

const TYPED = "textarea, select, input:not([type=range], [type=checkbox], [type=radio]), [contenteditable]";
const PRESSED = "button, summary, input, select, [role=button]"; // the space bar is theirs

/** Do `acts[key]()` when that key is pressed. The space bar is for `bar` ({wanted(), begin(), end()}) while it is held. */
export function watch(acts, bar) {
  document.addEventListener("keydown", (event) => {
    if (isElsewhere(event)) return;
    const act = event.key === " " ? isFree(event.target) && bar.wanted() && bar.begin : settings.read().shortcuts && acts[event.key];
    if (!act) return;
    event.preventDefault();
    if (!event.repeat) act();
  });
  document.addEventListener("keyup", (event) => event.key === " " && bar.end());
  settings.watch((now, changed) => changed.includes("shortcuts") && label(now.shortcuts));
  label(settings.read().shortcuts);
}

/** Keys of the browser, of a screen reader, of an input method, of a field, of an open sheet. */
function isElsewhere(event) {
  const { target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return true;
  if (event.isComposing || event.keyCode === 229) return true; // 229: Safari's sign of an input method
  return !(target instanceof Element) || Boolean(target.closest(TYPED)) || Boolean(document.querySelector("dialog:modal"));
}

function isFree(target) {
  return !target.closest(PRESSED);
}

/** Name the keys on their controls (data-key), or take the names away. */
function label(on) {
  for (const control of document.querySelectorAll("[data-key]")) {
    control.dataset.title ??= control.title;
    const { key, title } = control.dataset;
    control.title = [title, on && `(${key.toUpperCase()})`].filter(Boolean).join(" ");
    if (on) control.setAttribute("aria-keyshortcuts", key);
    else control.removeAttribute("aria-keyshortcuts");
  }
}
