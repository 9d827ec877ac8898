"""Our rows as the page's script and templates read them."""

import json
from pathlib import PurePath
from urllib.parse import urlencode

from django.urls import reverse

from knowledge import places
from knowledge.splitting import find_page
from voice.models import Turn


def turn(row, persona):
    """A turn as JSON: thread, id, key, speaker, channel, text, full_text, interrupted, repeats, at (ISO 8601), citations with addresses,
    liked."""
    return {
        "thread": str(row.conversation_id),
        "id": row.pk,
        "key": row.key,
        "speaker": row.speaker,
        "channel": row.channel,
        "text": row.text,
        "full_text": row.full_text,
        "interrupted": row.interrupted,
        "repeats": row.repeats,
        "at": row.at.isoformat(),
        "citations": citations(row.citations, persona),
        "liked": row.liked,
    }


def turns(rows, persona):
    """A thread, turn by turn."""
    return [turn(row, persona) for row in rows]


def thread(conversation, latest, persona):
    """A thread as JSON: its id and turns, the id of the one its visitor went on with last, and where that is."""
    return {
        "thread": str(conversation.pk) if conversation else "",
        "turns": turns(conversation.turns.all(), persona) if conversation else [],
        "latest": str(latest.pk) if latest else "",
        "url": reverse("voice:thread", args=[persona.slug, latest.pk]) if latest else "",
    }


def citations(cited, persona):
    """Citations with the address of their passage in its document."""
    return [{**citation, "url": _address(citation, persona)} for citation in cited]


def _address(citation, persona):
    address = reverse("voice:document", args=[persona.slug, citation["document_id"]])
    place = {"passage": citation["passage_id"], "start": citation["start"], "end": citation["end"]}
    return f"{address}?{urlencode({**place, 'quote': places.shorten(citation['quote'])})}#passage"


def lines(spoken, persona):
    """A conversation step as lines of JSON, each sent as soon as it is known."""
    for step in spoken:
        line = {"turn": turn(step, persona)} if isinstance(step, Turn) else {"delta": step}
        yield json.dumps(line, ensure_ascii=False) + "\n"


def permission(granted):
    return {
        "signed_url": granted.signed_url,
        "session": granted.session,
        "thread": granted.thread,
        "keys": granted.keys,
        "context": granted.context,
        "language": granted.language,
        "max_seconds": granted.max_seconds,
        "per": granted.per,
        "spent": granted.spent,
    }


def standing(waiting):
    """What a page in line shows, and when it asks again; ``turn``: seconds for which a line is kept, or None."""
    place = waiting.place
    return {
        "place": place.number,
        "turn": place.turn,
        "ticket": place.ticket,
        "minutes": waiting.minutes,
        "again": waiting.again,
    }


def heard(kept, persona):
    """What a page needs after telling us what it heard."""
    return {
        "turns": [turn(row, persona) for row in kept.turns],
        "citations": citations(kept.waiting, persona),
        "looking_in": list(dict.fromkeys(citation["document"] for citation in kept.waiting)),
        "taken": kept.taken,
        "seen": kept.seen,
    }


def document(source, persona, asked):
    """The pieces of a document's text around what is marked, which ``asked`` names: the quote where it stands now, else
    the passage. When the document has changed and holds it no more, nothing is marked, and ``changed`` says so."""
    passage = source.passages.filter(pk=_number(asked.get("passage", ""), 18)).first()
    quote = asked.get("quote", "")
    place = places.find(source.text, _number(asked.get("start", "")), _number(asked.get("end", "")), quote)
    if place is None and not quote and passage is not None:
        place = passage.start, passage.end
    first, last = place or (0, 0)
    if place and passage is None:
        passage = source.passages.filter(start__lte=first, end__gt=first).order_by("position").first()
    return {
        "document": source,
        "passage": passage,
        "before": source.text[:first],
        "marked": source.text[first:last],
        "after": source.text[last:],
        "page": find_page(source.page_starts, first) if place else None,
        "changed": bool(quote) and place is None,
        "address": source.address.url if hasattr(source, "address") else None,
        "file_url": reverse("voice:document_file", args=[persona.slug, source.pk]) if source.file else None,
    }


def download_name(source):
    """What a document's file is called on a visitor's disk: its own name, else its title with the right ending."""
    return source.file_name or f"{source.title}{PurePath(source.file.name).suffix}"


def _number(text, digits=9):
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else -1
