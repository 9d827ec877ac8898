"""The page "Usage": both sides of a period, day by day and persona by persona, and in words what lies between them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from personas.models import Persona
from voice.books import comparing
from voice.figures import drawing
from voice.figures.board import DRAWN_BY_DAY, WEEK
from voice.figures.showing import number
from voice.models import Compared, Spending

Reason = Compared.Reason
SIDES = ("calls_there", "calls_here", "seconds_there", "seconds_here", "credits_there", "credits_here")
SHOWN_CALLS, SHOWN_ROWS = 200, 400
EXPLAINED = {
    Reason.NOT_OURS: gettext_lazy("Calls of other agents in the same account. They are paid from the same plan and are none of ours."),
    Reason.PHONE: gettext_lazy("Phone calls that did not come through a number of ours. They are kept, and the dashboard counts them apart."),
    Reason.ELSEWHERE: gettext_lazy("Talks with our agents on other pages, tests at ElevenLabs for example. They are kept, and the dashboard counts them apart."),
    Reason.DELETED: gettext_lazy("Their visitors deleted them here. ElevenLabs bills them all the same, and they count in everybody's minutes."),
    Reason.UNREPORTED: gettext_lazy("The report has not come yet. It is fetched within minutes; until then our own clock counts, and no credits."),
    Reason.UNKNOWN: gettext_lazy("Calls of our agents that nothing here knows of yet. They are looked for every few minutes."),
    Reason.RUNNING: gettext_lazy("Running, or being analysed: their figures still change."),
    Reason.OTHER: gettext_lazy("The report said something else than the list does now. The list counts: it is what is billed."),
    Reason.NEWER: gettext_lazy("Begun after ElevenLabs was asked last."),
    Reason.UNCONNECTED: gettext_lazy("A call was allowed and none was connected, or ElevenLabs has lost it: nothing was billed. Our own clock may have counted seconds."),
    Reason.GONE: gettext_lazy("They were reported and are no longer listed: deleted at ElevenLabs, by hand or since they were kept long enough."),
}  # fmt: skip


@dataclass(slots=True)
class Sides:
    """Calls, seconds and credits on both sides, and of each reason for a difference how much of it."""

    day: date | None = None
    persona: str = ""
    calls_there: int = 0
    calls_here: int = 0
    seconds_there: int = 0
    seconds_here: int = 0
    credits_there: int = 0
    credits_here: int = 0
    reasons: list = field(default_factory=list)

    def include(self, row):
        for name in SIDES:
            setattr(self, name, getattr(self, name) + row[name])
        if row["reason"] != Reason.SAME:
            self.reasons.append(row["reason"])

    @property
    def minutes_there(self):
        return self.seconds_there / 60

    @property
    def minutes_here(self):
        return self.seconds_here / 60

    @property
    def minutes(self):
        """By how many ElevenLabs counts more than we do; below zero: fewer."""
        return (self.seconds_there - self.seconds_here) / 60

    @property
    def credits(self):
        return self.credits_there - self.credits_here

    @property
    def why(self):
        """The reasons for a difference, in words, each once."""
        return ", ".join(str(Reason(one).label) for one in dict.fromkeys(self.reasons))


@dataclass(frozen=True, slots=True)
class Explanation:
    """One reason why both sides differ: how many calls, by how much, and where they are listed."""

    title: str
    words: str
    calls: int
    minutes: float
    credits: int
    address: str


def rows(period):
    """[{day, persona_id, reason, and both sides}] of a period."""
    found = Compared.objects.filter(day__range=(period.first, period.last))
    if period.persona is not None:
        found = found.filter(persona=period.persona)
    return list(found.order_by("day", "persona__name", "reason").values("day", "persona_id", "reason", *SIDES))


def total(rows):
    """Everything added up, as Sides."""
    sides = Sides()
    for row in rows:
        sides.include(row)
    return sides


def table(rows):
    """One Sides for each day and persona that has calls, newest day first."""
    names = dict(Persona.objects.values_list("pk", "name"))
    found = {}
    for row in rows:
        key = row["day"], row["persona_id"]
        if key not in found:
            found[key] = Sides(row["day"], names.get(row["persona_id"], _("other agents")))
        found[key].include(row)
    return sorted(found.values(), key=lambda one: (-one.day.toordinal(), one.persona))


def explanations(rows, period):
    """An Explanation for each reason there is, the most credits first."""
    found = {}
    for row in rows:
        if row["reason"] != Reason.SAME:
            found.setdefault(row["reason"], Sides()).include(row)
    shown = [
        Explanation(
            str(Reason(reason).label), str(EXPLAINED[reason]), max(one.calls_there, one.calls_here), one.minutes, one.credits, address(period, reason)
        )
        for reason, one in found.items()
    ]  # fmt: skip
    return sorted(shown, key=lambda one: (-abs(one.credits), -abs(one.minutes), one.title))


def address(period, reason=""):
    """The page of this period; with a reason, its calls."""
    query = {"first": period.first, "last": period.last}
    if period.persona is not None:
        query["persona"] = period.persona.pk
    return f"{reverse('voice:usage')}?{urlencode({**query, **({'reason': reason} if reason else {})})}"


def calls(period, reason):
    """The Pairs of one reason, newest first, at most SHOWN_CALLS."""
    found = []
    for day in reversed(period.days):
        if not Compared.objects.filter(day=day, reason=reason).exists():
            continue
        pairs = [one for one in comparing.pairs(day) if one.reason == reason]
        found += [one for one in reversed(pairs) if period.persona is None or one.persona_id == period.persona.pk]
        if len(found) >= SHOWN_CALLS:
            break
    return found[:SHOWN_CALLS]


def in_words(sides):
    """What lies between both sides, as a sentence."""
    if not sides.calls_there and not sides.calls_here:
        return _("There were no calls in this time.")
    if not sides.reasons:
        return _("Both say the same, call by call.")
    minutes, credits = number(abs(sides.minutes), 1), number(abs(sides.credits))
    if sides.minutes == sides.credits == 0:
        return _("Both add up to the same, but not call by call.")
    if sides.minutes >= 0 and sides.credits >= 0:
        return _("ElevenLabs counts {minutes} minutes and {credits} credits more than is written down here.").format(
            minutes=minutes, credits=credits
        )
    if sides.minutes <= 0 and sides.credits <= 0:
        return _("ElevenLabs counts {minutes} minutes and {credits} credits fewer than is written down here.").format(
            minutes=minutes, credits=credits
        )
    return _("The minutes differ by {minutes} and the credits by {credits}, not in the same direction.").format(
        minutes=minutes, credits=credits
    )


def is_weekly(period):
    """Whether so many days are drawn in weeks."""
    return len(period.days) > DRAWN_BY_DAY


def plots(rows, period):
    """Minutes and credits by day or week, both sides; and what the whole account spent, where it is told."""
    length = WEEK if is_weekly(period) else 1
    begins = {day: period.days[place - place % length] for place, day in enumerate(period.days)}
    steps = {first: Sides(first) for first in begins.values()}
    for row in rows:
        steps[begins[row["day"]]].include(row)
    labels = [f"{day:%d.%m.}" for day in steps]
    there, here = _("ElevenLabs"), _("here")
    sides = list(steps.values())
    minutes = {there: [one.minutes_there for one in sides], here: [one.minutes_here for one in sides]}
    credits = {there: [one.credits_there for one in sides], here: [one.credits_here for one in sides]}
    if period.persona is None and (spent := account(period)):
        sums = Counter()
        for day, much in spent.items():
            sums[begins[day]] += much
        credits[_("whole account")] = [sums.get(first) for first in steps]
    return [drawing.lines(_("Minutes of voice"), labels, minutes), drawing.lines(_("Credits"), labels, credits)]


def account(period):
    """{day: credits of the whole account}, of the days for which it is told."""
    told = Spending.objects.filter(day__range=(period.first, period.last))
    return dict(told.values_list("day").annotate(all=Sum("credits")))


def products(period):
    """[(what for, credits)] of the whole account in this time, most first."""
    told = Spending.objects.filter(day__range=(period.first, period.last)).values_list("product")
    return list(told.annotate(all=Sum("credits")).order_by("-all"))


def file(rows):
    """Rows for a file: a head, then one for each day and persona."""
    yield [
        "day", "persona", "calls elevenlabs", "calls here", "minutes elevenlabs", "minutes here", "minutes difference",
        "credits elevenlabs", "credits here", "credits difference", "why",
    ]  # fmt: skip
    for one in table(rows):
        yield [
            one.day, _harmless(one.persona), one.calls_there, one.calls_here, round(one.minutes_there, 2), round(one.minutes_here, 2),
            round(one.minutes, 2), one.credits_there, one.credits_here, one.credits, one.why,
        ]  # fmt: skip


def _harmless(text):
    """A spreadsheet takes what begins so for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def running(reading):
    """How many calls ran when it was looked, in words."""
    if reading.running_there is None:
        return _("How many calls run there is not known.")
    there = ngettext("{n} call ran at ElevenLabs", "{n} calls ran at ElevenLabs", reading.running_there)
    here = ngettext("{n} line was taken here", "{n} lines were taken here", reading.running_here)
    return f"{there.format(n=reading.running_there)}, {here.format(n=reading.running_here)}."
