// Push-to-talk: the big button and the space bar. Whatever takes the page away from under a finger lets go.

import * as settings from "./settings.js";

const button = document.getElementById("hold"); // null where no voice is offered
let holder = null; // what holds it: "pointer", "key", "space", or "click" (a screen reader's, pressed again to let go)
let tell = null;

/** `talk(bool)` is told when talking begins and ends. */
export function watch(talk) {
  tell = talk;
  watchPointer();
  watchKeys();
  addEventListener("blur", letGo);
  addEventListener("pagehide", letGo);
  document.addEventListener("visibilitychange", () => document.hidden && letGo());
  settings.watch(letGo);
}

export function begin(how) {
  if (holder || !tell || button.disabled) return;
  holder = how;
  draw();
}

/** Only what holds it lets go of it. */
export function end(how) {
  if (holder !== how) return;
  holder = null;
  draw();
}

export function letGo() {
  if (holder) end(holder);
}

function draw() {
  button.setAttribute("aria-pressed", String(Boolean(holder)));
  tell(Boolean(holder));
}

function watchPointer() {
  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId); // a finger that slips off the button still holds it
    begin("pointer");
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) button.addEventListener(name, () => end("pointer"));
  button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long touch is no question for a menu
}

function watchKeys() {
  const isOurs = (event) => event.key === " " || event.key === "Enter";
  button.addEventListener("keydown", (event) => {
    if (!isOurs(event)) return;
    event.preventDefault(); // or letting go would press it once more
    if (!event.repeat) begin("key");
  });
  button.addEventListener("keyup", (event) => {
    if (!isOurs(event)) return;
    event.preventDefault();
    end("key");
  });
  button.addEventListener("blur", letGo);
  // A screen reader presses without holding: once to open, once more to close.
  button.addEventListener("click", (event) => event.detail === 0 && (holder ? letGo() : begin("click")));
}
