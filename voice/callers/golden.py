"""Golden conversations: files that say what is asked in a thread, and what must come back. See docs/REHEARSALS.md."""

import json
from dataclasses import dataclass
from pathlib import Path

TURN_FIELDS = {"asked", "cites", "heard", "never", "within_ms", "by", "cut_after"}
BY = ("voice", "typing")


class Unreadable(Exception):
    """The file is not one of golden conversations; the message says where and what to write instead."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing asked, and what its answer must be like."""

    asked: str
    cites: tuple | None  # titles of documents that must be cited; () that none may be; None when it does not matter
    heard: tuple  # words that must be in the answer
    never: tuple  # words that must not
    within_ms: int  # of ours: the typed answer, or the tool call
    by: str  # "typing" also in a spoken run
    cut_after: float | None  # seconds of the answer after which the visitor speaks on


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread with one persona. Its name is told when something differs."""

    name: str
    persona: str  # its slug
    turns: tuple


def read(path):
    """The Conversations of a file. Raises Unreadable."""
    try:
        told = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as fault:
        raise Unreadable(f"{path} cannot be opened: {fault.strerror}.") from fault
    except ValueError as fault:
        raise Unreadable(f"{path} is not JSON: {fault}.") from fault
    listed = told.get("conversations") if isinstance(told, dict) else None
    if not isinstance(listed, list) or not listed:
        raise Unreadable(f"{path} has no list of conversations.")
    read_ = [_conversation(one, f"conversation {number}", told) for number, one in enumerate(listed, 1)]
    names = [one.name for one in read_]
    if twice := {name for name in names if names.count(name) > 1}:
        raise Unreadable(f"{path} has two conversations called {sorted(twice)[0]}. Give each its own name.")
    return read_


def _conversation(told, place, file):
    if not isinstance(told, dict) or not all(isinstance(told.get(key), str) for key in ("name", "persona")):
        raise Unreadable(f"{place}: give it a name and the slug of its persona.")
    turns = told.get("turns")
    if not isinstance(turns, list) or not turns:
        raise Unreadable(f"{told['name']}: there is nothing in its turns.")
    limit = told.get("within_ms", file.get("within_ms", 1500))
    turns = tuple(_turn(one, f"{told['name']}, turn {number}", limit) for number, one in enumerate(turns, 1))
    return Conversation(told["name"], told["persona"], turns)


def _turn(told, place, limit):
    if not isinstance(told, dict) or not isinstance(told.get("asked"), str) or not told["asked"].strip():
        raise Unreadable(f"{place}: say what is asked.")
    if unknown := sorted(set(told) - TURN_FIELDS):
        raise Unreadable(f"{place}: nothing is known of “{unknown[0]}”. A turn has {', '.join(sorted(TURN_FIELDS))}.")
    cites = told.get("cites")
    for name in ("cites", "heard", "never"):
        if not isinstance(told.get(name, []), list) or not all(isinstance(one, str) for one in told.get(name, [])):
            raise Unreadable(f"{place}: “{name}” is a list of texts.")
    if told.get("by", "voice") not in BY:
        raise Unreadable(f"{place}: “by” is voice or typing.")
    for name in ("within_ms", "cut_after"):
        if not _is_number(told.get(name, 1)):
            raise Unreadable(f"{place}: “{name}” is a number above 0.")
    return Turn(
        asked=told["asked"].strip(),
        cites=None if cites is None else tuple(cites),
        heard=tuple(told.get("heard", ())),
        never=tuple(told.get("never", ())),
        within_ms=told.get("within_ms", limit),
        by=told.get("by", "voice"),
        cut_after=told.get("cut_after"),
    )


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
