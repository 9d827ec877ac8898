"""A period's figures as the dashboard shows them: cards, plots, lists, and a table of days."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from knowledge.models import Document
from voice.figures import drawing
from voice.figures.board import FAILED, STARS, share, success
from voice.models import Conversation
from voice.models.figures import Channel

COLUMNS = (
    "conversations", "questions", "answers", "useful", "interrupted", "liked", "disliked", "asked", "unanswered",
    "calls", "seconds", "credits", "completed", "successful", "offered", "pressed", "allowed", "starts", "starts-failed",
    "answered", "newcomers", "returned", *(f"stars-{stars}" for stars in STARS),
    *(f"lookups-{outcome}" for outcome in ("answered", "nothing", "fallback", "limited", "refused", "cached")),
)  # fmt: skip
SPREADS = ("lookup", "connected", "sound", "first-words", "answer")
PERCENTILES = (50, 95, 99)


@dataclass(frozen=True, slots=True)
class Card:
    """One figure: what it is, how much, how it was in the period before, and the rows behind it."""

    name: str
    value: str
    before: str
    address: str
    help: str = ""


def cards(board, before, period):
    """The figures at the top of the page."""
    shown = [
        (_("Conversations"), lambda b: number(b.count("conversations")), "conversation", "", ""),
        (_("Calls"), lambda b: number(b.count("calls")), "conversation", "called", ""),
        (_("Minutes of voice"), lambda b: number(b.minutes), "conversation", "called", ""),
        (_("Calls brought to an end"), lambda b: percent(b.completion), "conversation", "called",
         _("Ended by somebody's wish, not by a fault.")),
        (_("Tool calls that worked"), lambda b: percent(b.success, 2), "toolcall", "failed",
         _("Answered, or honestly without an answer; not the fallback line.")),
        (_("Tool calls, p50 / p95 / p99"), lambda b: trio(b.sum.spread("lookup")), "toolcall", "", ""),
        (_("Talk to connected, p50 / p95"), lambda b: duo(b.sum.spread("connected")), "conversation", "called", ""),
        (_("Talk to first sound, p50 / p95"), lambda b: duo(b.sum.spread("sound")), "conversation", "called", ""),
        (_("Question to first words, p50 / p95"), lambda b: duo(b.sum.spread("first-words")), "conversation", "called",
         _("A filler counts: it is what is heard first.")),
        (_("Question to the answer, p50 / p95"), lambda b: duo(b.sum.spread("answer")), "conversation", "called",
         _("A filler does not count.")),
        (_("Stars, mean"), lambda b: "–" if b.rating is None else number(b.rating, 2), "conversation", "rated", ""),
        (_("Thumbs, up / down"), lambda b: f"{number(b.count('liked'))} / {number(b.count('disliked'))}", "conversation", "", ""),
        (_("Credits for a call"), lambda b: "–" if b.credits_per_call is None else number(b.credits_per_call, 1),
         "conversation", "called", ""),
        (_("Credits for a useful answer"), lambda b: "–" if b.credits_per_answer is None else number(b.credits_per_answer, 1),
         "conversation", "called", ""),
    ]  # fmt: skip
    return [
        Card(name, read(board), read(before), address(model, period, only), helped)
        for name, read, model, only, helped in shown
    ]


def address(model, period, only=""):
    """The admin's list of the rows behind a figure."""
    moment = {"conversation": "started_at", "toolcall": "at"}[model]
    query = {f"{moment}__date__gte": period.first, f"{moment}__date__lte": period.last}
    if period.persona is not None:
        query["persona__id__exact"] = period.persona.pk
    query |= _whose(period.channel, {"conversation": "", "toolcall": "session__conversation__"}[model])
    query |= {
        "called": {"sessions__isnull": "False"}, "rated": {"rating__isnull": "False"},
        "failed": {"outcome__exact": FAILED[0]},
    }.get(only, {})  # fmt: skip
    return f"{reverse(f'admin:voice_{model}_changelist')}?{urlencode(query)}"


def _whose(channel, thread):
    """The rows of a channel, or of all visitors, in an address of the admin; ``thread`` leads from a row to its thread."""
    if channel == Channel.STAFF:
        return {f"{thread}kind__exact": Conversation.Kind.STAFF}
    if channel == Channel.REHEARSAL:
        return {f"{thread}kind__exact": Conversation.Kind.REHEARSAL}
    whose = {f"{thread}kind__exact": Conversation.Kind.VISITOR, f"{thread}elsewhere__exact": 0}
    taken = {Channel.BROWSER: "browser", Channel.PHONE: "phone"}.get(channel)
    if thread:
        return whose | ({"session__channel__exact": taken} if taken else {})
    calls = {"sessions__channel__exact": taken} if taken else {"turns__session__isnull": "True"} if channel else {}
    return whose | calls


def plots(board):
    """Every plot, over the days or weeks of the period."""
    days, tallies = [f"{day:%d.%m.}" for day in board.steps], list(board.steps.values())
    counted = lambda name: [tally.counts[name] for tally in tallies]  # noqa: E731
    tail = lambda name, part: [tally.spread(name).percentile(part) for tally in tallies]  # noqa: E731
    return [
        drawing.bars(_("Conversations"), days, counted("conversations")),
        drawing.bars(_("Minutes of voice"), days, [tally.counts["seconds"] / 60 for tally in tallies]),
        drawing.lines(_("Tool calls that worked"), days, {_("worked"): [_hundred(success(tally)) for tally in tallies]}, "%"),
        drawing.lines(_("Tool calls"), days, {"p50": tail("lookup", 0.5), "p95": tail("lookup", 0.95), "p99": tail("lookup", 0.99)}, "ms"),
        drawing.lines(_("From Talk to the first sound"), days, {"p50": tail("sound", 0.5), "p95": tail("sound", 0.95)}, "ms"),
        drawing.lines(
            _("From a question to its answer"), days,
            {_("first words, p50"): tail("first-words", 0.5), _("answer, p50"): tail("answer", 0.5), _("answer, p95"): tail("answer", 0.95)},
            "ms",
        ),
        drawing.bars(_("Stars"), [str(stars) for stars in STARS], [board.count(f"stars-{stars}") for stars in STARS]),
    ]  # fmt: skip


def funnel(board):
    """[(step, number, share of the first step or None)]."""
    names = {
        "offered": _("saw that they may talk"), "pressed": _("pressed Talk"), "allowed": _("allowed the microphone"),
        "answered": _("heard a first answer"), "completed": _("calls brought to an end"),
        "returned": _("called again within a week"),
    }  # fmt: skip
    return [(names[name], count, share(board.sum, name, "offered")) for name, count in board.funnel()]


def lists(board, period):
    """{name: (title, [(words, times, address or None)])} of what came most often."""
    titles = {
        "questions": _("Asked most"), "unanswered": _("Asked in vain"), "starts": _("Why calls did not start"),
        "ends": _("Why calls broke off"), "faults": _("Why there was the fallback line"),
    }  # fmt: skip
    shown = {
        name: (title, [(words, times, None) for words, times in board.sum.top(name)]) for name, title in titles.items()
    }
    return {
        **shown,
        "documents": (_("Cited most"), _documents(board)),
        "uncited": (_("Never cited"), _uncited(board, period)),
    }


def _documents(board):
    top = board.sum.top("documents")
    known = {str(one.pk): one for one in Document.objects.filter(pk__in=[pk for pk, _times in top])}
    return [(known[pk].title, times, _document(known[pk])) for pk, times in top if pk in known]


def _uncited(board, period):
    """Documents that answered nothing in this period, oldest first."""
    rows = Document.objects.read().exclude(pk__in=board.sum.lists.get("documents", {}))
    if period.persona is not None:
        rows = rows.filter(persona=period.persona)
    elif period.among is not None:
        rows = rows.filter(persona__in=period.among)
    return [(one.title, 0, _document(one)) for one in rows.order_by("read_at")[:10]]


def _document(document):
    return reverse("admin:knowledge_document_change", args=[document.pk])


def table(board):
    """Rows for a file from a board by days: a head, then one row a day with every count and the percentiles of every duration."""
    tails = [f"{name} p{part} ms" for name in SPREADS for part in PERCENTILES]
    yield ["day", *COLUMNS, *tails]
    for day, tally in board.steps.items():
        took = [tally.spread(name).percentile(part / 100) for name in SPREADS for part in PERCENTILES]
        yield [day, *(tally.counts[name] for name in COLUMNS), *("" if one is None else round(one, 1) for one in took)]


def number(value, decimals=0):
    return number_format(value, decimals, use_l10n=True, force_grouping=True)


def percent(value, decimals=1):
    return "–" if value is None else f"{number(value * 100, decimals)} %"


def _hundred(value):
    return None if value is None else value * 100


def _ms(value):
    return "–" if value is None else number(value, 1 if value < 10 else 0)


def duo(spread):
    return _durations(spread, 0.5, 0.95)


def trio(spread):
    return _durations(spread, 0.5, 0.95, 0.99)


def _durations(spread, *parts):
    return " / ".join(_ms(spread.percentile(part)) for part in parts) + (" ms" if spread.cases else "")
