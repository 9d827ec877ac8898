// The settings sheet: what is chosen is in force and remembered at once.

import { say } from "../sentences.js";
import * as sound from "./sound.js";

let form = null;
let settings = null;
let call = null;

/** Make the sheet work, with the page's own settings; `call()` gives the running call or null. */
export function watch(sheet, page) {
  ({ settings, call } = page);
  form = sheet.querySelector("form");
  form.addEventListener("input", ({ target }) => target.name && write(target));
  document.getElementById("settings-reset").addEventListener("click", () => {
    settings.reset();
    tell(say("settings-reset"));
  });
  settings.watch(draw);
  if (form.elements.microphone) sound.watch(form, { ...page, tell });
  sheet.addEventListener("close", () => sound.rest());
}

/** The sheet is about to be shown. */
export function open() {
  draw(settings.read());
  tell("");
  document.getElementById("settings-unkept").hidden = settings.save();
  if (form.elements.microphone) sound.begin();
}

function write(field) {
  settings.write({ [field.name]: valueOf(field) });
  const isLater = field.name === "language" || field.name === "speed";
  tell(isLater && call() ? say("settings-next-call") : "");
}

function valueOf({ type, checked, value }) {
  if (type === "checkbox") return checked;
  return type === "range" ? Number(value) : value;
}

function draw(chosen) {
  for (const [name, value] of Object.entries(chosen)) {
    const field = form.elements[name]; // a group of radios, too, has a value
    if (!field) continue;
    if (field.type === "checkbox") field.checked = value;
    else field.value = value ?? field.defaultValue;
  }
  const language = document.documentElement.lang;
  writeOut("volume", (value) => (value / 100).toLocaleString(language, { style: "percent" }));
  writeOut("speed", (value) => `${value.toLocaleString(language)} ×`);
}

/** Say a slider's value beside it, and to screen readers in the same words. */
function writeOut(name, words) {
  const slider = form.elements[name];
  if (!slider) return;
  const said = words(Number(slider.value));
  slider.setAttribute("aria-valuetext", said);
  slider.labels[0].querySelector("output").textContent = said;
}

function tell(sentence) {
  form.querySelector("[data-says]").textContent = sentence;
}
