// A thumb under each answer, up or down, and why when it is down.

import { announce } from "./notice.js";
import { post } from "./requests.js";
import { say } from "./sentences.js";

const { greeting } = document.getElementById("chat").dataset;

/** Listen for thumbs in the thread. `url` keeps them; `tell(key, liked)` lets a running call know. */
export function watch(list, url, tell) {
  list.addEventListener("click", (event) => {
    const button = event.target.closest(".thumb, .chip");
    if (button) press(button, button.closest(".turn"), url, tell);
  });
}

/** Show the thumbs of an answer that the server knows. A greeting answers nothing. */
export function offer(row) {
  const thumbs = row.querySelector(".thumbs");
  if (thumbs) thumbs.hidden = !row.dataset.turn || greeting.startsWith(row.querySelector(".turn-text").textContent);
}

async function press(button, row, url, tell) {
  const before = read(row);
  const isThumb = button.classList.contains("thumb");
  const now = isThumb
    ? { thumb: before.thumb === button.dataset.thumb ? "" : button.dataset.thumb, note: "" }
    : { thumb: "down", note: before.note === button.textContent ? "" : button.textContent };
  draw(row, now);
  try {
    await post(url, { turn: row.dataset.turn, ...now });
    announce(say("thumb-kept"));
    if (isThumb) tell(row.dataset.key, { up: true, down: false, "": null }[now.thumb]);
  } catch (error) {
    draw(row, before);
    announce(error.message && error.name === "Refusal" ? error.message : say("thumb-lost"));
  }
}

function read(row) {
  const pressed = (name) => row.querySelector(`.${name}[aria-pressed="true"]`);
  return { thumb: pressed("thumb")?.dataset.thumb ?? "", note: pressed("chip")?.textContent ?? "" };
}

function draw(row, { thumb, note }) {
  for (const one of row.querySelectorAll(".thumb")) one.setAttribute("aria-pressed", String(one.dataset.thumb === thumb));
  for (const one of row.querySelectorAll(".chip")) one.setAttribute("aria-pressed", String(one.textContent === note));
  row.querySelector(".thumb-why").hidden = thumb !== "down";
}
