"""A thread on paper: as PDF, with every source numbered where it was used and linked to its page."""

import json
import os
import re
import subprocess
import sys
import threading

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from voice import transcripts

SECONDS = 8  # a child that takes longer is ended
AT_ONCE = 1  # child of one web process, which has two threads; the others wait for so long and are then turned away
WAIT_SECONDS = 1
MOST_CHARACTERS = 400_000  # a call of 30 minutes has 30,000; this much takes 3 seconds
LONG = re.compile(r"(\S{60})(?=\S)")
ZERO_WIDTH_SPACE = "\u200b"  # where a word wider than the page may be broken
_presses = threading.BoundedSemaphore(AT_ONCE)


class NotNow(Exception):
    """No PDF could be made in time; asking again later may help."""


def pdf(conversation, turns, address):
    """The PDF as bytes. ``address(citation)`` gives the absolute address of its source. Of a very long thread the
    beginning is left out, and the page says so. Raises NotNow."""
    if not _presses.acquire(timeout=WAIT_SECONDS):
        raise NotNow("All presses are busy.")
    try:
        return _press(json.dumps(_tell(conversation, list(turns), address)))
    finally:
        _presses.release()


def _press(told):
    # Nothing of ours is in its environment, as with the readers of documents.
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "voice.press"]
    try:
        done = subprocess.run(  # noqa: S603  our own module
            command, input=told.encode(), capture_output=True, timeout=SECONDS, cwd=settings.BASE_DIR, env=environment
        )
    except subprocess.TimeoutExpired as late:
        raise NotNow("It took too long.") from late
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        raise NotNow(f"The press ended with {done.returncode}.")
    return done.stdout


def _tell(conversation, turns, address):
    """Everything the sheet (templates/voice/transcript.typ) shows, as plain data."""
    kept, notes, addresses = _fitting(turns), {}, {}
    said = []
    for turn in kept:
        marks = [transcripts.number(notes, citation) for citation in turn.citations]
        addresses.update(zip(marks, map(address, turn.citations), strict=True))
        who, how = transcripts.speaker(turn, conversation), transcripts.how(turn)
        said.append({"speaker": who, "how": how, "text": _breakable(turn.text), "marks": marks})
    return {
        "title": conversation.persona.name,
        "day": transcripts.day(conversation.started_at),
        "language": (get_language() or "en").partition("-")[0],
        "speech": conversation.persona.language.partition("-")[0],
        "note": "" if len(kept) == len(turns) else _("The beginning is left out here. The text file has all of it."),
        "turns": said,
        "heading": _("Sources"),
        "sources": [
            {"where": _breakable(transcripts.place(found)), "quote": _breakable(found[3]), "url": addresses[mark]}
            for found, mark in notes.items()
        ],
    }


def _fitting(turns):
    """The newest turns that fit, in order; at least one."""
    room, first = MOST_CHARACTERS, len(turns)
    while first and (room := room - _size(turns[first - 1])) >= 0:
        first -= 1
    return turns[min(first, len(turns) - 1) :]


def _size(turn):
    return len(turn.text) + sum(len(citation["quote"]) for citation in turn.citations) + 100


def _breakable(text):
    return LONG.sub(rf"\1{ZERO_WIDTH_SPACE}", text)
