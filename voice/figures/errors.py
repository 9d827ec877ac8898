"""What went wrong, how often: by the sentence that was said of it and by its code. Kept as ``kind|name|code``."""

import re
from dataclasses import dataclass

from voice.models import ToolCall

LONGEST = 120  # characters of a code: enough to know it again, and the rows behind it begin with them
NAME = re.compile(r"[a-z][a-z -]{0,39}")  # a page may say anything for the reason of an end
OTHER = "other"
START, END, FAILURE, LOOKUP = "start", "end", "failure", "lookup"
LOOKUPS = (ToolCall.Outcome.FALLBACK, ToolCall.Outcome.LIMITED, ToolCall.Outcome.REFUSED)


@dataclass(frozen=True, slots=True)
class Error:
    """``kind``: START, END (of a call that ran), FAILURE (ElevenLabs could not set it up) or LOOKUP; ``name``: of the
    sentence a visitor saw, an outcome, or the words of a failure; ``code``: a close code, a refusal's code, a reason."""

    kind: str
    name: str
    code: str


def read(key):
    """The Error that was kept under a key."""
    return Error(*key.split("|", 2))


def of_start(attempt):
    return _key(START, attempt.outcome, attempt.detail)


def of_call(call):
    """None for a call of which nobody says that it went wrong: it may still run, or was never opened."""
    if call.failure:
        return _key(FAILURE, "", call.failure)
    if not call.end_reason and call.status != "failed":
        return None
    name = call.end_reason if NAME.fullmatch(call.end_reason or "none") else OTHER
    return _key(END, name, call.termination_reason)


def of_lookup(outcome, reason):
    return _key(LOOKUP, outcome, reason)


def _key(kind, name, code):
    return f"{kind}|{name}|{code[:LONGEST]}"
