"""A period's figures as the dashboard shows them: cards, plots, lists, and a table of days."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from personas import languages
from voice.figures import drawing, linking
from voice.figures.board import PER_ANSWER, PER_CALL, STARS, share, success
from voice.figures.spoken import NAMED
from voice.figures.tally import Tally

COLUMNS = (
    "conversations", "questions", "answers", "useful", "interrupted", "liked", "disliked", "asked", "unanswered",
    "calls", "seconds", "credits", "completed", "successful", "offered", "pressed", "allowed", "starts", "starts-failed",
    "answered", "finished", "newcomers", "returned", *(f"stars-{stars}" for stars in STARS),
    *(f"lookups-{outcome}" for outcome in ("answered", "nothing", "fallback", "limited", "refused", "cached")),
)  # fmt: skip
SPREADS = ("lookup", "connected", "sound", "first-words", "answer")
PERCENTILES = (50, 95, 99)
KNOWN = dict(languages.LANGUAGES)
MOST_LANGUAGES = 6  # bars; what is left is one more


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
        (_("Credits in all"), lambda b: cost(b.count("credits"), 0), "conversation", "called", ""),
        (_("Credits for a call"), lambda b: cost(b.credits_per_call),
         "conversation", "called", ""),
        (_("Credits for a useful answer"), lambda b: cost(b.credits_per_answer),
         "conversation", "called", ""),
    ]  # fmt: skip
    return [
        Card(name, read(board), read(before), linking.rows(model, period, only), helped)
        for name, read, model, only, helped in shown
    ]


def plots(board, period):
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
        _costs(days, tallies),
        _languages(board, period),
        drawing.bars(_("Stars"), [str(stars) for stars in STARS], [board.count(f"stars-{stars}") for stars in STARS], head=_("Stars")),
    ]  # fmt: skip


def _costs(days, tallies):
    """In money where a credit has a price."""
    price, unit = settings.CREDIT_PRICE or 1, settings.CREDIT_CURRENCY if settings.CREDIT_PRICE else _("credits")
    of = lambda parts: [None if (one := share(tally, *parts)) is None else one * price for tally in tallies]  # noqa: E731
    series = {_("a call"): of(PER_CALL), _("a useful answer"): of(PER_ANSWER)}
    return drawing.lines(
        _("Cost of a call and of a useful answer"), days, series, unit, "-3" if settings.CREDIT_PRICE else "-1"
    )


def _languages(board, period):
    """Each with the calls that were reported in it; what the words alone told has no such mark in its rows."""
    found, rest = board.languages[:MOST_LANGUAGES], board.languages[MOST_LANGUAGES:]
    names = [languages.own_name(code) if code in KNOWN else code for code, _count in found]
    counts = [count for _code, count in found]
    addresses = [linking.rows("conversation", period, sessions__language__exact=code) for code, _count in found]
    if rest:
        names, counts, addresses = (
            [*names, _("others")],
            [*counts, sum(count for _code, count in rest)],
            [*addresses, ""],
        )
    return drawing.bars(_("Languages of conversations"), names, counts, head=_("Language"), addresses=addresses)


def funnel(board, period):
    """[(step, number, share of the first step or None, address or empty)]."""
    names = {
        "offered": _("saw that they may talk"), "pressed": _("pressed Talk"), "allowed": _("allowed the microphone"),
        "answered": _("heard a first answer"), "finished": _("calls brought to an end"),
        "returned": _("called again within a week"),
    }  # fmt: skip
    return [
        (names[name], count, share(board.sum, name, "offered"), _behind(name, period)) for name, count in board.funnel()
    ]


def _behind(step, period):
    """Who only saw that they may talk left no row with a thread, nor does the wish to come back."""
    only = {"pressed": "pressed", "allowed": "allowed", "answered": "answered", "finished": "called"}.get(step)
    return linking.rows("conversation", period, only) if only else ""


def months(listed):
    """[(first day, address's days, [calls, minutes, credits, for a call, for a useful answer])] of listing.months."""
    return [
        (one.first, {"first": one.first.isoformat(), "last": one.last.isoformat()}, _month(Tally(counts)))
        for one, counts in listed
    ]


def _month(tally):
    minutes = number(tally.counts["seconds"] / 60)
    costs = (cost(share(tally, *parts)) for parts in (PER_CALL, PER_ANSWER))
    return [number(tally.counts["calls"]), minutes, cost(tally.counts["credits"], 0), *costs]


def table(board):
    """Rows for a file from a board by days: a head, then one row a day with every count and the percentiles of every duration."""
    tails = [f"{name} p{part} ms" for name in SPREADS for part in PERCENTILES]
    spoken = [f"{NAMED}{code}" for code, _count in board.languages]
    yield ["day", *COLUMNS, *spoken, *tails]
    for day, tally in board.steps.items():
        took = [tally.spread(name).percentile(part / 100) for name in SPREADS for part in PERCENTILES]
        yield [
            day,
            *(tally.counts[name] for name in (*COLUMNS, *spoken)),
            *("" if one is None else round(one, 1) for one in took),
        ]


def number(value, decimals=0):
    return number_format(value, decimals, use_l10n=True, force_grouping=True)


def cost(credits, decimals=1):
    """Credits, and what they are in money where a credit has a price."""
    if credits is None:
        return "–"
    if not settings.CREDIT_PRICE:
        return number(credits, decimals)
    return f"{number(credits, decimals)} · {number(credits * settings.CREDIT_PRICE, 2)} {settings.CREDIT_CURRENCY}"


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
