// A source beside the thread: the document's own page, its article shown in a panel (a sheet on a phone).

import { say } from "./sentences.js";
import { Sheet } from "./sheet.js";

const panel = document.getElementById("source");
const title = document.getElementById("source-title");
const body = document.getElementById("source-body");
const page = document.getElementById("source-page");
const beside = matchMedia("(min-width: 68rem)");
const sheet = new Sheet(panel, document.getElementById("source-bar"));
let opener = null;

/** Open citations in the panel. With a modifier key, or without this script, the link opens the document's page. */
export function watch(thread) {
  thread.addEventListener("click", (event) => {
    const link = event.target.closest(".citation-link");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
  document.getElementById("source-close").addEventListener("click", () => panel.close());
  panel.addEventListener("close", restore);
  sheet.watch();
  panel.addEventListener("click", (event) => event.target === panel && panel.close());
  addEventListener("keydown", (event) => event.key === "Escape" && panel.open && panel.close());
}

/** Show the first source of the newest answer that has any. False when there is none. */
export function openLatest() {
  const link = [...document.querySelectorAll(".thread .citations:not([hidden])")].at(-1)?.querySelector(".citation-link");
  if (link) open(link);
  return Boolean(link);
}

async function open(link) {
  opener?.setAttribute("aria-expanded", "false");
  opener = link;
  link.setAttribute("aria-expanded", "true");
  page.href = link.href;
  title.textContent = link.querySelector(".citation-title").textContent;
  body.replaceChildren(say("source-loading"));
  if (!panel.open) beside.matches ? panel.show() : sheet.open();
  title.focus();
  const article = await load(link.href);
  if (opener !== link) return; // another one was opened meanwhile
  body.replaceChildren(article ?? say("source-missing"));
  const passage = body.querySelector("#passage");
  if (passage) centre(passage);
}

/** A document's article. The server escaped it, and what is parsed here runs no scripts. */
async function load(url) {
  try {
    const response = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
    if (!response.ok) return null;
    const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
    return document.importNode(parsed.getElementById("document"), true);
  } catch {
    return null; // no network: the panel says so and keeps the link
  }
}

function centre(passage) {
  const top = passage.getBoundingClientRect().top - body.getBoundingClientRect().top;
  body.scrollTop = Math.max(0, body.scrollTop + top - body.clientHeight / 3);
}

function restore() {
  opener?.setAttribute("aria-expanded", "false");
  opener?.focus();
  opener = null;
}
