"""What came most often in a period, each with the rows behind it: questions, documents, errors; and its months."""

import re
from calendar import monthrange
from dataclasses import dataclass
from html import unescape

from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from knowledge.models import Document
from voice.figures import errors, linking
from voice.figures.board import Period
from voice.models import ToolCall

MOST_ERRORS = 25
SENTENCE = re.compile(r'<p data-name="([^"]+)">(.*?)</p>', re.DOTALL)
# What our own server says no with, by the codes of voice.sessions and voice.rollout.
REFUSALS = {
    "busy": _("All lines were taken."),
    "limit": _("Somebody began too many calls."),
    "minutes": _("Somebody's minutes were used up."),
    "off": _("Voice was not switched on for them."),
    "no_agent": _("The persona's voice was not set up yet."),
    "unreachable": _("ElevenLabs did not answer."),
    "refused": _("ElevenLabs refused to open a call."),
    "too_fast": _("Somebody pressed Talk again and again."),
    "thread_gone": _("The conversation had been deleted."),
}
WHERE = {
    errors.START: _("Start"), errors.END: _("In the call"), errors.FAILURE: _("Set-up at ElevenLabs"), errors.LOOKUP: _("Tool call"),
}  # fmt: skip
_sentences = {}  # by language: {name: sentence}, as pages have them


@dataclass(frozen=True, slots=True)
class Wrong:
    """One line of what went wrong: where, in which words, with which code, how often, and the conversations."""

    where: str
    sentence: str
    code: str
    times: int
    address: str


def lists(board, period):
    """{name: (title, [(words, times, address)])} of what came most often."""
    return {
        "questions": (_("Asked most"), _words(board, "questions", linking.asked, period)),
        "unanswered": (_("Asked in vain"), _words(board, "unanswered", linking.gap, period)),
        "documents": (_("Cited most"), _documents(board)),
        "uncited": (_("Never cited"), _uncited(board, period)),
    }


def wrong(board, period):
    """The errors of a period, most often first."""
    found = [(errors.read(key), times) for key, times in board.sum.top("errors", MOST_ERRORS)]
    return [Wrong(WHERE[one.kind], _sentence(one), one.code, times, linking.error(one, period)) for one, times in found]


def months(board, period):
    """[(Period of the month, Counter)]: as much of each month as lies in the period, the earliest first."""
    return [(_month(first, period), counts) for first, counts in sorted(board.months.items())]


def _month(first, period):
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return Period(max(first, period.first), min(last, period.last), period.persona, period.channel, period.among)


def _sentence(error):
    """What a visitor was told, or for what no visitor sees, what it is."""
    if error.kind == errors.LOOKUP:
        return ToolCall.Outcome(error.name).label
    if error.kind == errors.START and error.code in REFUSALS:
        return REFUSALS[error.code]
    return _said().get(error.name) or error.name


def _said():
    """{name: sentence} of the page's script, in the language of now; the persona has no name here."""
    language = get_language()
    if language not in _sentences:
        drawn = render_to_string("voice/_sentences.html", {"persona": {"name": "…"}})
        _sentences[language] = {name: unescape(words) for name, words in SENTENCE.findall(drawn)}
    return _sentences[language]


def _words(board, name, address, period):
    return [(words, times, address(words, period)) for words, times in board.sum.top(name)]


def _documents(board):
    top = board.sum.top("documents")
    known = {str(one.pk): one for one in Document.objects.filter(pk__in=[pk for pk, _times in top])}
    return [(known[pk].title, times, linking.document(known[pk])) for pk, times in top if pk in known]


def _uncited(board, period):
    """Documents that answered nothing in this period, oldest first."""
    rows = Document.objects.read().exclude(pk__in=board.sum.lists.get("documents", {}))
    if period.persona is not None:
        rows = rows.filter(persona=period.persona)
    elif period.among is not None:
        rows = rows.filter(persona__in=period.among)
    return [(one.title, 0, linking.document(one)) for one in rows.order_by("read_at")[:10]]
