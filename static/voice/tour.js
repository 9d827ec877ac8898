// The tour of a first visit: whether it is due. Its code and its looks come late, and only to those who see it.

import { dress } from "./late.js";
import { announce, warn } from "./notice.js";
import { say } from "./sentences.js";

const KEY = "clone-advisor.tour.1";
const PAUSE = 2_500; // milliseconds: first the page itself is looked at
const box = document.getElementById("tour");

/** Show the tour once the page has come to rest, if it was never seen; `isFree()` says whether nothing else is going on. */
export function offer(isFree) {
  if (isSeen()) return;
  setTimeout(() => isFree() && begin().catch(() => {}), PAUSE); // no network: the next visit offers it again
}

/** Show it because somebody asked for it. */
export async function show() {
  try {
    const tour = await begin();
    tour.focus();
  } catch {
    warn(say("tour-missing"));
  }
}

async function begin() {
  const [code] = await Promise.all([import("./sheets/tour.js"), dress(box.dataset.looks)]);
  code.begin(box, remember);
  announce(say("announce-tour"));
  return code;
}

/** Where the page may remember nothing it offers nothing by itself: it would come back for ever. */
function isSeen() {
  try {
    localStorage.setItem(`${KEY}.try`, "");
    localStorage.removeItem(`${KEY}.try`);
    return localStorage.getItem(KEY) !== null;
  } catch {
    return true;
  }
}

function remember() {
  try {
    localStorage.setItem(KEY, "seen");
  } catch {
    // forbidden meanwhile: it is over for this page
  }
}
