"""Our rows as the page's script and templates read them."""

import json

from django.urls import reverse

from voice.models import Turn


def turn(row, persona):
    """A turn as JSON: id, key, speaker, channel, text, full_text, interrupted, at (ISO 8601), citations with addresses."""
    return {
        "id": row.pk,
        "key": row.key,
        "speaker": row.speaker,
        "channel": row.channel,
        "text": row.text,
        "full_text": row.full_text,
        "interrupted": row.interrupted,
        "at": row.at.isoformat(),
        "citations": citations(row.citations, persona),
    }


def turns(rows, persona):
    """A thread, turn by turn."""
    return [turn(row, persona) for row in rows]


def citations(cited, persona):
    """Citations with the address of their passage in its document."""
    return [{**citation, "url": _address(citation, persona)} for citation in cited]


def _address(citation, persona):
    address = reverse("voice:document", args=[persona.slug, citation["document_id"]])
    return f"{address}?passage={citation['passage_id']}&start={citation['start']}&end={citation['end']}#passage"


def lines(spoken, persona):
    """A conversation step as lines of JSON, each sent as soon as it is known."""
    for step in spoken:
        line = {"turn": turn(step, persona)} if isinstance(step, Turn) else {"delta": step}
        yield json.dumps(line, ensure_ascii=False) + "\n"


def permission(granted):
    return {
        "signed_url": granted.signed_url,
        "session": granted.session,
        "context": granted.context,
        "language": granted.language,
        "max_seconds": granted.max_seconds,
    }


def heard(rows, waiting, persona):
    """What a page needs after telling us what it heard."""
    return {
        "turns": [turn(row, persona) for row in rows],
        "citations": citations(waiting, persona),
        "looking_in": list(dict.fromkeys(citation["document"] for citation in waiting)),
    }


def document(source, passage, persona, start="", end=""):
    """The pieces of a document's text around what is marked: the quote when its place is given, else the passage."""
    first, last = _place(source, passage, start, end)
    return {
        "document": source,
        "passage": passage,
        "before": source.text[:first],
        "marked": source.text[first:last],
        "after": source.text[last:],
        "page": passage.page if passage else None,
        "file_url": reverse("voice:document_file", args=[persona.slug, source.pk]) if source.file else None,
    }


def _place(source, passage, start, end):
    if start.isascii() and end.isascii() and start.isdigit() and end.isdigit():
        first, last = int(start[:9]), int(end[:9])
        if first < last <= len(source.text):
            return first, last
    return (passage.start, passage.end) if passage else (0, 0)
