// Stars after a call, with a comment or without. Asked once for a call, never in the way.

import { announce, warn } from "./notice.js";
import { post } from "./requests.js";
import { say } from "./sentences.js";
import { name } from "./thread.js";

const form = document.getElementById("rating");
const part = (id) => document.getElementById(id);

/** `done()` is called when the question is answered or put away, to give the focus back. */
export function watch(done) {
  form.addEventListener("change", () => {
    part("rating-more").hidden = false;
    part("rating-send").hidden = false;
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await send()) done();
  });
  part("rating-later").addEventListener("click", () => {
    hide();
    done();
  });
}

export function offer() {
  form.reset();
  part("rating-more").hidden = true;
  part("rating-send").hidden = true;
  form.hidden = false;
}

export function hide() {
  form.hidden = true;
}

async function send() {
  const { rating, comment } = Object.fromEntries(new FormData(form));
  try {
    await post(form.dataset.rate, { rating, comment, thread: name() });
  } catch (error) {
    warn(error.name === "Refusal" && error.message ? error.message : say("rating-lost"));
    return false;
  }
  hide();
  announce(say("rating-kept"));
  return true;
}
