// What a call does with each thing that its line brings: the names are those of session.js.

import { warn } from "./notice.js";
import { say } from "./sentences.js";

/** What `open` of session.js is given to tell of a line, for one call. */
export function hearing(call) {
  const { attempt, report, status, utterances } = call;
  return {
    visitor: (id, text) => {
      call.unanswered = text;
      call.touch();
      utterances.visitorSaid(id, text);
      attempt.question();
      status.note({ awaiting: true });
    },
    persona: (id, text) => {
      call.unanswered = "";
      utterances.personaSaid(id, text);
    },
    part: (id, kind, text) => utterances.part(id, kind, text),
    sound: (id, alignment) => {
      attempt.sound();
      status.sounds();
      utterances.sound(id, alignment);
    },
    correction: (id, original, text) => utterances.corrected(id, original, text),
    interruption: (id) => utterances.interrupted(id),
    deaf: () => warn(say("speaker-missing")),
    searching: () => {
      call.looked = report.seen;
      utterances.divide();
      attempt.searching();
      status.note({ searching: true, titles: [] });
    },
    found: () => {
      attempt.found();
      report.lookedUp(call.looked);
    },
    mode: (mode) => status.turnTo(call.session?.silenced ? "listening" : mode),
    queue: (place) => call.queue(place === "waiting"),
    arrived: (isPing) => call.vigil?.beat(isPing),
    ended: (details) => call.end(details.reason === "user" ? null : call.explain(details)),
  };
}
