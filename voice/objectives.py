"""What a rollout owes the people it lets in. Missed, the percentage counts as none until a person has looked.

Three figures over the last quarter of an hour, of a persona's own traffic for a persona's row and of all for the general
one: tool calls that ended in the fallback line, how long tool calls took (p95), starts that failed through no doing of the
visitor's. None is judged on fewer cases than ``OBJECTIVE_LEAST_CASES``: three bad calls of four say little.
"""

import logging
import math
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from voice import alerts
from voice.models import Alert, Attempt, Flag, ToolCall

logger = logging.getLogger(__name__)
WINDOW = timedelta(minutes=15)
MOST = 5_000  # newest rows that are looked at: enough for a p95, and bounded
Outcome = ToolCall.Outcome
Kind = Alert.Kind


def judge():
    """Hold every percentage whose objectives are missed. Returns the flags that were held now."""
    rows = Flag.objects.filter(everyone=None, percent__gt=0, held_at=None, killed_at=None).select_related("persona")
    return [flag for flag in rows if hold(flag, missed(flag))]


def hold(flag, why):
    """Count the percentage as none, for these reasons, and tell staff; two workers at once hold it once. Whether it was
    held now."""
    if not why:
        return False
    words = " ".join(why)
    held = Flag.objects.filter(pk=flag.pk, held_at=None).update(held_at=timezone.now(), held_why=words[:500])
    if held:
        logger.error("the rollout %s is held back: %s", flag.name, words)
        alerts.settle(
            Alert.Kind.ROLLOUT, f"{words} {_('Look what it was, then go on under Rollout of voice.')}", str(flag)
        )
    return bool(held)


def release(flag):
    """A person has looked: the percentage counts again, and is judged by what happens from now on."""
    Flag.objects.filter(pk=flag.pk).update(held_at=None, held_why="", judged_from=timezone.now())
    alerts.settle(Alert.Kind.ROLLOUT, "", str(flag))


def missed(flag):
    """The objectives that are missed, each in a sentence with its figures."""
    about = {"persona": flag.persona} if flag.persona_id else {}
    return list(measure(max(filter(None, [timezone.now() - WINDOW, flag.judged_from])), about).values())


def measure(since, about):
    """{kind of alert: sentence} of the objectives that are missed by what happened to visitors since a moment; ``about``
    narrows the rows to a persona's."""
    calls = ToolCall.objects.judged().of_visitors().filter(**about, at__gte=since)
    rows = list(calls.order_by("-at").values_list("outcome", "milliseconds")[:MOST])
    attempts = Attempt.objects.judged().of_visitors().filter(**about, at__gte=since).order_by("-at")
    newest = dict(reversed(attempts.values_list("conversation__visitor", "outcome")[:MOST]))
    starts = list(newest.values())  # one for each visitor: nobody fails for others, however often they say so
    found = {Kind.CALLS: _fallbacks(rows), Kind.SLOW: _slowness(rows), Kind.STARTS: _starts(starts)}
    return {kind: sentence for kind, sentence in found.items() if sentence}


def _fallbacks(rows):
    failed = sum(outcome == Outcome.FALLBACK for outcome, _ms in rows)
    if not _is_too_many(failed, len(rows), settings.OBJECTIVE_FAILED_CALLS_PERCENT):
        return ""
    return _("%(failed)d of %(all)d tool calls ended in the fallback line; %(most)g %% may.") % {
        "failed": failed, "all": len(rows), "most": settings.OBJECTIVE_FAILED_CALLS_PERCENT,
    }  # fmt: skip


def _slowness(rows):
    taken = sorted(ms["total"] for _outcome, ms in rows if "total" in ms)
    if len(taken) < settings.OBJECTIVE_LEAST_CASES:
        return ""
    p95 = taken[math.ceil(len(taken) * 0.95) - 1]
    if p95 <= settings.OBJECTIVE_P95_MS:
        return ""
    return _("The slowest twentieth of %(all)d tool calls took over %(p95)d ms; %(most)d may be.") % {
        "all": len(taken), "p95": p95, "most": settings.OBJECTIVE_P95_MS,
    }  # fmt: skip


def _starts(outcomes):
    failed = sum(outcome != Attempt.LIVE for outcome in outcomes)
    if not _is_too_many(failed, len(outcomes), settings.OBJECTIVE_FAILED_STARTS_PERCENT):
        return ""
    return _("%(failed)d of %(all)d calls could not start; %(most)g %% may.") % {
        "failed": failed, "all": len(outcomes), "most": settings.OBJECTIVE_FAILED_STARTS_PERCENT,
    }  # fmt: skip


def _is_too_many(failed, cases, percent):
    return cases >= settings.OBJECTIVE_LEAST_CASES and failed / cases * 100 > percent
