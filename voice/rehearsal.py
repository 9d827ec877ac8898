"""A question by the voice channel without a call: what the agent would be handed, for staff who try one."""

import json
import time
from dataclasses import dataclass

from django.conf import settings

from knowledge import answering, caching, shelf
from voice import tools


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The tool webhook's answer, as it would go out now. With a ``problem`` the caller hears the content all the same."""

    content: str
    citations: tuple
    body: str  # the JSON, set out for reading
    size: int  # bytes as sent
    milliseconds: float
    cached: bool
    problem: str = ""

    def is_like(self, answer):
        """Whether a typed answer says and cites the very same."""
        return (self.content, self.citations) == (answer.content, answer.citations)

    @property
    def budget(self):
        return settings.TOOL_BUDGET_MS

    @property
    def limits(self):
        """Calls a minute: (of one conversation, of one persona)."""
        return settings.TOOL_CALLS_PER_CONVERSATION, settings.TOOL_CALLS_PER_PERSONA

    @property
    def most_characters(self):
        return settings.ANSWER_CHARACTERS


def rehearse(persona, question):
    """The Rehearsal of a question: cache, deadline and body as in a call; nothing is counted or written down."""
    started = time.monotonic()
    question = answering.clean(question)
    recall = caching.recall(persona.pk, caching.OWN_LANGUAGE, question)
    deadline, problem = started + settings.TOOL_BUDGET_MS / 1000, ""
    try:
        answer = answering.answer(persona, question, deadline=deadline, recall=recall)
    except shelf.NotInTime as late:
        answer, problem = answering.Answer(persona.fallback_message, found=False), str(late)
    body = tools.written(answer)
    waited = (time.monotonic() - started) * 1000
    shown = json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    return Rehearsal(answer.content, answer.citations, shown, len(body), waited, answer.cached, problem)
