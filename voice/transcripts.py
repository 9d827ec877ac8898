"""A thread as a file to keep: who said what, when, and where each answer stands. Pure."""

import re

from django.utils.timezone import localtime

MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])")
LINE_STARTS = re.compile(r"^([-+=>]|\d+(?=[.)]))", re.MULTILINE)
EDGES = re.compile(r"^[ \t]+|[ \t]+$", re.MULTILINE)  # would make code, or a break


def markdown(conversation, turns):
    """The thread as Markdown: sources as footnotes, each once. People's words are text, never markup."""
    notes, lines = {}, [f"# {_mark(conversation.persona.name)}", "", f"{day(conversation.started_at)}", ""]
    for turn in turns:
        marks = "".join(f"[^{number(notes, citation)}]" for citation in turn.citations)
        lines += [f"**{_mark(speaker(turn, conversation))}** · {how(turn)}", "", _mark(turn.text) + marks, ""]
    lines += [f"[^{number}]: {_mark(source(place))}" for place, number in notes.items()]
    return "\n".join(lines).rstrip() + "\n"


def text(conversation, turns):
    """The thread as plain text: sources as numbers in brackets, listed at the end."""
    notes, lines = {}, [conversation.persona.name, day(conversation.started_at), ""]
    for turn in turns:
        marks = "".join(f" [{number(notes, citation)}]" for citation in turn.citations)
        lines += [f"{speaker(turn, conversation)} ({how(turn)}):", turn.text + marks, ""]
    if notes:
        lines += ["Sources", *(f"[{number}] {source(place)}" for place, number in notes.items())]
    return "\n".join(lines).rstrip() + "\n"


def number(notes, citation):
    """The number of a source in this file, by the place and the words that were quoted."""
    place = citation["document"], citation["page"], citation["heading"], citation["quote"]
    return notes.setdefault(place, len(notes) + 1)


def source(found):
    """Where a source stands, and its words."""
    return f"{place(found)}: “{' '.join(found[3].split())}”"


def place(found):
    """Where a source stands: document, page and heading, as ``number`` keeps them."""
    document, page, heading, _ = found
    heading = heading.removeprefix(f"{document} › ")  # its title need not stand there twice
    return ", ".join(part for part in (document, f"page {page}" if page else "", heading) if part)


def speaker(turn, conversation):
    return "You" if turn.speaker == turn.Speaker.VISITOR else conversation.persona.name


def how(turn):
    cut = ", interrupted here" if turn.interrupted else ""
    return f"{localtime(turn.at):%H:%M} UTC, {turn.get_channel_display().lower()}{cut}"


def day(moment):
    return f"{localtime(moment):%-d %B %Y}"


def _mark(words):
    """Text as Markdown that shows just this text."""
    return LINE_STARTS.sub(_escape_start, MARKDOWN.sub(r"\\\1", EDGES.sub("", words)))


def _escape_start(found):
    start = found[0]
    return f"{start}\\" if start[0].isdigit() else f"\\{start}"
