// A typed question and its answer, streamed into the thread.

import { announce } from "./notice.js";
import { Unreachable, lines, newKey, post } from "./requests.js";
import { say } from "./sentences.js";
import * as thread from "./thread.js";

const LEFT = "question";
const FRESH = 180_000; // milliseconds: an older question is not asked again unless the visitor wants it

/** Ask, and show the answer as it comes. Never throws: what fails is said under the question, with a way to repeat it.
 *  The rows have the keys the server will give them, so that they are found again from any tab and after any reload. */
export async function ask(url, text, key = newKey()) {
  remember({ url, key, text, thread: thread.name(), at: Date.now() });
  const answered = run(url, text, key);
  navigator.locks?.request(`question ${key}`, () => answered); // so that no other tab asks it, too
  await answered;
}

async function run(url, text, key) {
  const keys = { question: `typed:${key}`, answer: `reply:${key}` };
  thread.show({ key: keys.question, speaker: "visitor", channel: "typed", text });
  thread.complain(keys.question, "");
  thread.show({ key: keys.answer, speaker: "persona", channel: "typed", text: "", pending: true });
  thread.follow(true);
  try {
    const response = await post(url, { text, key, thread: thread.name() }, { accept: "application/x-ndjson" });
    await receive(response, keys.answer);
    remember(null);
  } catch (error) {
    if (error.name === "Refusal") remember(null); // otherwise the page may just be going away: the next one asks again
    thread.drop(keys.answer);
    thread.complain(keys.question, sentenceFor(error), say("try-again"), () => ask(url, text, key));
  }
}

/** The page was left while a question was on its way or being answered: have it answered, unless another tab is at it. */
export async function resume(url) {
  const open = left(url) ?? thread.unanswered();
  if (!open) return;
  if (Date.now() - open.at > FRESH) {
    thread.complain(`typed:${open.key}`, say("ask-broken"), say("try-again"), () => ask(url, open.text, open.key));
  } else {
    await navigator.locks?.request(`question ${open.key}`, () => {}); // whoever asks it already shows the answer here, too
    if (!thread.has(`reply:${open.key}`)) await ask(url, open.text, open.key);
  }
}

/** Remember what is being asked for as long as it is, so that a reload finds it: the server may not have it yet. */
function remember(question) {
  try {
    if (question) sessionStorage.setItem(LEFT, JSON.stringify(question));
    else sessionStorage.removeItem(LEFT);
  } catch {
    // storage is switched off: then a reload in that moment loses the question
  }
}

/** What this tab was asking in this conversation when it was left, or null. */
function left(url) {
  try {
    const question = JSON.parse(sessionStorage.getItem(LEFT));
    remember(null);
    const isHere = question?.url === url && [thread.name(), ""].includes(question.thread);
    return isHere && !thread.has(`reply:${question.key}`) ? question : null;
  } catch {
    return null;
  }
}

async function receive(response, answerKey) {
  let answered = null;
  let text = "";
  for await (const line of lines(response)) {
    if (line.error) throw Object.assign(new Error(line.error.message), { name: "Refusal" });
    if (line.delta) thread.show({ key: answerKey, speaker: "persona", text: (text += line.delta), pending: true });
    if (line.turn?.speaker === "visitor") settle(line.turn);
    if (line.turn?.speaker === "persona") answered = settle(line.turn);
  }
  if (!answered) throw new Error("the stream ended before the answer did");
  announce(`${say("announce-answer", answered)} ${say("announce-sources", { count: answered.citations.length })}`);
}

function settle(turn) {
  thread.settleOn(turn.thread);
  thread.show({ ...turn, pending: false });
  return turn;
}

function sentenceFor(error) {
  if (error instanceof Unreachable) return say("ask-unreachable");
  if (error.name !== "Refusal") return say("ask-broken");
  if (error.message) return error.message;
  return say(error.status === 403 ? "ask-expired" : "ask-refused");
}
