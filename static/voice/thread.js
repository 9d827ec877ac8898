// The thread: one row for each thing said, found again by its key, so that what arrives twice is shown once.

import { fill } from "./citations.js";
import * as prose from "./prose.js";
import { offer } from "./thumbs.js";

const chat = document.getElementById("chat");
const list = document.getElementById("thread");
const latest = document.getElementById("to-latest");
const rows = new Map();
let told = () => {}; // hears of every turn that this page brought up to date

/** The id of the conversation that the page shows; empty until the first thing is said. */
export function name() {
  return chat.dataset.thread;
}

/** The server says which conversation this is. From here on the page asks in it and saves it. */
export function settleOn(id) {
  if (!id || chat.dataset.thread === id) return;
  chat.dataset.thread = id;
  for (const field of document.querySelectorAll("input[name=thread]")) field.value = id;
  for (const link of document.querySelectorAll("#keep a")) link.search = `?thread=${id}`;
}

export function tell(listener) {
  told = listener;
}

/** Take over the rows the server drew. */
export function adopt() {
  for (const row of list.children) {
    rows.set(row.dataset.key, row);
    write(row, row.querySelector(".turn-text").textContent);
    tellTime(row);
    offer(row);
  }
  if (rows.size) {
    begin();
    follow(true);
  }
  latest.addEventListener("click", () => follow(true));
  addEventListener("scroll", () => atEnd() && (latest.hidden = true), { passive: true });
}

/**
 * Show a turn, or bring its row up to date: {key, speaker, channel, text, at, interrupted, citations, pending, id,
 * live (said in the call that is running)}.
 * What is left undefined stays as it is. Returns the row. Other tabs are told.
 */
export function show({ live, ...turn }) {
  const row = draw(turn);
  if (live) row.dataset.live = "";
  const said = JSON.stringify(turn);
  if (row.said !== said) told(turn);
  row.said = said;
  return row;
}

/** What another tab shows: a turn, or that it is gone. False for a piece of a turn whose beginning this tab missed. */
export function copy(turn) {
  if (turn.gone) forget(turn.key);
  else if (rows.has(turn.key)) draw(turn);
  else if (turn.speaker) draw(turn).dataset.copied = "";
  else return false;
  return true;
}

function draw(turn) {
  const following = atEnd();
  const row = rows.get(turn.key) ?? add(turn);
  if (turn.channel) row.dataset.channel = turn.channel;
  if (turn.text !== undefined && row.text !== turn.text) write(row, turn.text);
  if (turn.interrupted !== undefined) row.toggleAttribute("data-interrupted", turn.interrupted);
  if (turn.repeats !== undefined) row.toggleAttribute("data-repeats", turn.repeats);
  if (turn.pending !== undefined) row.toggleAttribute("data-pending", turn.pending);
  if (turn.at) tellTime(row, turn.at);
  if (turn.id) row.dataset.turn = turn.id;
  offer(row);
  if (turn.citations) fill(row.querySelector(".citations"), turn.citations);
  follow(following);
  return row;
}

/** What was typed to the visitor may have lists and links; what people say is shown as it is. */
function write(row, text) {
  row.text = text;
  const place = row.querySelector(".turn-text");
  if (row.dataset.speaker === "persona" && row.dataset.channel === "typed") prose.write(place, text);
  else place.textContent = text;
}

/** The call is over: what was said in it may be read, captions or not. */
export function rest() {
  for (const row of list.querySelectorAll("[data-live]")) delete row.dataset.live;
}

export function has(key) {
  return rows.has(key);
}

export function drop(key) {
  forget(key);
  told({ key, gone: true });
}

function forget(key) {
  rows.get(key)?.remove();
  rows.delete(key);
}

/** Show what the server has, in its order. What it has no longer goes; what it could not be told yet stays. */
export function reconcile(turns) {
  let before = null;
  for (const turn of turns) {
    const row = draw({ ...turn, pending: false });
    if (row.previousElementSibling !== before) before ? before.after(row) : list.prepend(row);
    before = row;
  }
  const known = new Set(turns.map((turn) => turn.key));
  for (const [key, row] of rows) {
    const wasKnown = row.dataset.turn || "copied" in row.dataset;
    if (!known.has(key) && wasKnown && !row.querySelector(".turn-problem")) forget(key);
  }
}

/** The newest row, when it is a typed question without an answer: {key, text, at}. */
export function unanswered() {
  const row = list.lastElementChild;
  if (!row?.dataset.key.startsWith("typed:")) return null;
  const at = new Date(row.querySelector(".turn-time").dateTime);
  return { key: row.dataset.key.slice("typed:".length), text: row.querySelector(".turn-text").textContent, at };
}

/** Put a line with a way out under a turn, or take it away when there is no sentence. */
export function complain(key, sentence, word, act) {
  const row = rows.get(key);
  row?.querySelector(".turn-problem")?.remove();
  if (!row || !sentence) return;
  const line = document.createElement("p");
  line.className = "turn-problem";
  line.append(sentence);
  if (act) line.append(button(word, act));
  row.append(line);
  follow(true);
}

/** Go to the next thing said (1) or the one before (-1), from wherever the focus is; from outside, to the newest. */
export function step(direction) {
  const here = document.activeElement.closest(".turn");
  const all = [...list.children];
  const row = here ? all[all.indexOf(here) + direction] : all.at(-1);
  if (!row) return;
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/** Keep the newest words in view, unless the visitor is reading further up. */
export function follow(wanted) {
  if (wanted) scrollTo({ top: document.documentElement.scrollHeight });
  latest.hidden = wanted || atEnd();
}

function add(turn) {
  const template = document.getElementById(`${turn.speaker}-turn`);
  const row = template.content.firstElementChild.cloneNode(true);
  row.dataset.key = turn.key;
  row.querySelector(".turn-text").textContent = "";
  tellTime(row, turn.at ?? new Date().toISOString());
  rows.set(turn.key, row);
  list.append(row);
  begin();
  return row;
}

function begin() {
  chat.dataset.begun = "";
  document.querySelector(".bar-new").hidden = false;
  document.getElementById("keep").hidden = false;
}

function atEnd() {
  return document.documentElement.scrollHeight - innerHeight - scrollY < 96;
}

function tellTime(row, at) {
  const time = row.querySelector(".turn-time");
  if (at) time.dateTime = at;
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) return;
  const today = moment.toDateString() === new Date().toDateString();
  const style = today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  time.textContent = moment.toLocaleString(document.documentElement.lang, style);
}

function button(word, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "quiet";
  element.textContent = word;
  element.addEventListener("click", act);
  return element;
}
