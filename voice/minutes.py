"""Minutes of voice: who may use how many, how many are left, and when new ones come.

A call counts with what was reported of it, and until then with all it may take: so several calls at once never use more
than there is, and a page that only says that its call is over gives nothing back (`voice.endings`). When no report came for
as long as a call may last, the time between its beginning and its end counts. It belongs to the day and the month it began in.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voice import capacity, ledger
from voice.models import Allowance, Session, Spent

LEAST = 20  # seconds: with less left a call is not worth beginning
FEW = 300  # seconds: from there on the visitor sees how many are left


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one allowance. ``seconds`` until it is used up; ``reserved``: of what is gone, that calls which run
    now may give back; ``until``: when new ones come; ``whose`` calls were counted (a group's or persona's name)."""

    of: str
    per: str
    seconds: int
    reserved: int
    until: datetime
    whose: str = ""

    @property
    def is_used_up(self):
        return self.seconds < LEAST


def left(user, visitor, persona, believed=None):
    """The Left that ends first, or None where nothing is limited. ``user`` None or anonymous: the visitor's browser counts.
    Of the session ``believed`` its page's word is taken: to tell its visitor, never to decide."""
    user = user if user is not None and user.is_authenticated else None
    pools = _pools(user, visitor, persona)
    found = [one for of, whose, rows, most in pools for one in _left_of(of, whose, rows, most, believed)]
    return min(found, key=lambda one: one.seconds, default=None)


def refusal(gone):
    """(code, sentence, seconds until it is worth asking again) for somebody who has none left."""
    if gone.seconds + gone.reserved >= LEAST:
        return (
            "minutes",
            _("The last minutes for voice are in use right now. Try again in a few minutes, or go on typing."),
            120,
        )
    return "minutes", used_up(gone), max(60, math.ceil((gone.until - timezone.now()).total_seconds()))


def used_up(gone):
    """What somebody is told whose last minute is over."""
    return f"{_used_up(gone)} {_back(gone)}"


def words(some):
    """“2 minutes left today”, or that there are none; an empty text while there are plenty."""
    if some is None or some.seconds > FEW:
        return ""
    if some.is_used_up:
        return refusal(some)[1]
    count = some.seconds // 60
    if count == 0:
        return (
            _("Less than a minute left today")
            if some.per == Allowance.Per.DAY
            else _("Less than a minute left this month")
        )
    if some.per == Allowance.Per.DAY:
        return ngettext("{count} minute left today", "{count} minutes left today", count).format(count=count)
    return ngettext("{count} minute left this month", "{count} minutes left this month", count).format(count=count)


def _used_up(gone):
    today = gone.per == Allowance.Per.DAY
    if gone.of == Allowance.Of.GROUP:
        sentence = (
            _("The minutes for voice of your group “{whose}” are used up for today.")
            if today
            else _("The minutes for voice of your group “{whose}” are used up for this month.")
        )
    elif gone.of == Allowance.Of.PERSONA:
        sentence = (
            _("All minutes for voice with {whose} are used up for today.")
            if today
            else _("All minutes for voice with {whose} are used up for this month.")
        )
    else:
        sentence = (
            _("Your minutes for voice are used up for today.")
            if today
            else _("Your minutes for voice are used up for this month.")
        )
    return sentence.format(whose=gone.whose)


def _back(gone):
    if gone.per == Allowance.Per.DAY:
        return _("New ones come tomorrow. You can go on by typing.")
    day = formats.date_format(timezone.localtime(gone.until), "MONTH_DAY_FORMAT")
    return _("New ones come on {day}. You can go on by typing.").format(day=day)


def _pools(user, visitor, persona):
    """(of, whose, {field of a thread: value} any of which makes its calls count, {per: minutes}) of everything that is limited for this visitor and this persona."""
    of, groups = Allowance.Of, list(user.groups.all()) if user else []
    rows = list(Allowance.objects.about(user, groups, persona))
    person = {"visitor": visitor, **({"user": user} if user else {})}
    pools = [(of.PERSON, "", person, _most(rows, of.PERSON, user_id=user and user.pk))]
    for group in groups:
        most = _most(rows, of.GROUP, group_id=group.pk)
        pools.append((of.GROUP, group.name, {"user__groups": group}, most))
    most = _most(rows, of.PERSONA, persona_id=persona.pk)
    pools.append((of.PERSONA, persona.name, {"persona": persona}, most))
    return [pool for pool in pools if pool[3]]


def _most(rows, of, **whose):
    """{per: minutes}: its own allowance counts, else everybody's of that kind, else the setting, where 0 is no limit."""
    most = {}
    for per in Allowance.Per.values:
        rank = {
            (row.user_id or row.group_id or row.persona_id) is not None: row
            for row in rows
            if row.of == of and row.per == per and _fits(row, whose)
        }
        row = rank.get(True) or rank.get(False)
        minutes = row.minutes if row else getattr(settings, f"VOICE_MINUTES_{of}_{per}".upper()) or None
        if minutes is not None:
            most[per] = minutes
    return most


def _fits(row, whose):
    [(name, value)] = whose.items()
    return getattr(row, name) in (None, value)


def _left_of(of, whose, rows, most, believed):
    """Left for each of a pool's spans: one query for all of them."""
    begins = ledger.spans(timezone.now())
    day, month = begins[Allowance.Per.DAY], begins[Allowance.Per.MONTH]
    ends = {
        Allowance.Per.DAY: day + timedelta(days=1),
        Allowance.Per.MONTH: (month + timedelta(days=32)).replace(day=1),
    }
    sums = {
        f"{per}_{name}": one for per in most for name, one in _sums(Q(started_at__gte=begins[per]), believed).items()
    }
    earliest = min(begins[per] for per in most)
    calls = Session.objects.filter(_any(rows, "conversation__"), started_at__gte=earliest)
    if of != Allowance.Of.PERSON:  # one person's calls are few: their sum is the rows'
        calls = calls.not_written_down()
        sums |= {f"{per}_known": ledger.known(rows, per, begins[per], Q(started_at__gte=begins[per])) for per in most}
    used = calls.aggregate(**sums)
    deleted = {str(per): Sum("seconds", filter=Q(started_at__gte=begins[per])) for per in most}
    spent = Spent.objects.filter(_any(rows), started_at__gte=earliest).aggregate(**deleted)
    for per, minutes in most.items():
        reported, ended, lost, running = (used[f"{per}_{name}"] for name in ("reported", "ended", "lost", "running"))
        gone = (
            used.get(f"{per}_known", 0)
            + (reported or 0)
            + (spent[str(per)] or 0)
            + sum(span.total_seconds() for span in (ended, lost) if span)
        )
        left = math.floor(minutes * 60 - gone - (running or 0))
        yield Left(of, per, max(0, left), running or 0, ends[per], whose)


def _any(rows, path=""):
    """Rows of which any of these fields has its value."""
    found = Q()
    for name, value in rows.items():
        found |= Q(**{f"{path}{name}": value})
    return found


def keep(conversation):
    """Write down what a thread's calls used, before they are deleted; one that may still run counts with all it may take,
    and holds its line."""
    whose = {"visitor": conversation.visitor, "user_id": conversation.user_id, "persona_id": conversation.persona_id}
    calls = conversation.sessions.exclude(elevenlabs_conversation_id__contains=":")
    until = {call: capacity.line_until(call) for call in calls}
    Spent.objects.bulk_create(
        Spent(**whose, started_at=call.started_at, seconds=_used(call, line), line_until=line)
        for call, line in until.items()
    )


def _used(call, line):
    if call.duration_secs is not None:
        return call.duration_secs
    if call.ended_at is not None and line is None:
        return max(0, math.ceil((call.ended_at - call.started_at).total_seconds()))
    return call.granted_seconds or settings.VOICE_MAX_SECONDS


def calls_since(visitor, moment):
    """How many calls this browser has begun since then, deleted ones among them."""
    begun = Session.objects.filter(conversation__visitor=visitor, started_at__gte=moment).count()
    return begun + Spent.objects.filter(visitor=visitor, started_at__gte=moment).count()


def forget_old():
    """Delete what no allowance counts any more."""
    Spent.objects.filter(started_at__lt=timezone.now() - ledger.COUNTED_FOR).delete()
    ledger.forget_old()


def _sums(span, believed):
    """What sessions of that time used: reported; over for certain and not reported; never told to be over; what may run, or
    of which only the page says that it does not."""
    unknown = span & Q(duration_secs=None, gone_at=None)
    fresh = Q(started_at__gte=timezone.now() - settings.VOICE_SESSION_MAX_AGE)
    only_told = Q(channel=Session.Channel.BROWSER, reported_at=None, status="", passed_on=False)
    only_told &= ~Q(there=Session.There.OVER)
    if believed is not None:
        only_told &= ~Q(pk=believed.pk)
    running = fresh & (Q(ended_at=None) | only_told)
    return {
        "reported": Sum("duration_secs", filter=span),
        "ended": Sum(F("ended_at") - F("started_at"), filter=unknown & Q(ended_at__isnull=False) & ~running),
        "lost": Sum(F("seen_at") - F("started_at"), filter=unknown & Q(ended_at=None) & ~running),
        "running": Sum(Coalesce("granted_seconds", settings.VOICE_MAX_SECONDS), filter=unknown & running),
    }
