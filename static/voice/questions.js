// A typed question and its answer, streamed into the thread.

import { announce } from "./notice.js";
import { Unreachable, lines, newKey, post } from "./requests.js";
import { say } from "./sentences.js";
import * as thread from "./thread.js";

/** Ask, and show the answer as it comes. Never throws: what fails is said under the question, with a way to repeat it. */
export async function ask(url, text, key = newKey()) {
  const answerKey = `${key}:answer`;
  thread.show({ key, speaker: "visitor", channel: "typed", text });
  thread.complain(key, "");
  thread.show({ key: answerKey, speaker: "persona", channel: "typed", text: "", pending: true });
  thread.follow(true);
  try {
    const response = await post(url, { text, key, thread: thread.name() }, { accept: "application/x-ndjson" });
    await receive(response, key, answerKey);
  } catch (error) {
    thread.drop(answerKey);
    thread.complain(key, sentenceFor(error), say("try-again"), () => ask(url, text, key));
  }
}

async function receive(response, key, answerKey) {
  let answered = null;
  let text = "";
  for await (const line of lines(response)) {
    if (line.error) throw Object.assign(new Error(line.error.message), { name: "Refusal" });
    if (line.delta) thread.show({ key: answerKey, speaker: "persona", text: (text += line.delta), pending: true });
    if (line.turn?.speaker === "visitor") settle(key, line.turn);
    if (line.turn?.speaker === "persona") answered = settle(answerKey, line.turn);
  }
  if (!answered) throw new Error("the stream ended before the answer did");
  announce(`${say("announce-answer", answered)} ${say("announce-sources", { count: answered.citations.length })}`);
}

function settle(key, turn) {
  thread.settleOn(turn.thread);
  thread.rename(key, turn.key);
  thread.show({ ...turn, pending: false });
  return turn;
}

function sentenceFor(error) {
  if (error instanceof Unreachable) return say("ask-unreachable");
  if (error.name !== "Refusal") return say("ask-broken");
  if (error.message) return error.message;
  return say(error.status === 403 ? "ask-expired" : "ask-refused");
}
