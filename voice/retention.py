"""What goes by itself after so many days: rows that only staff look at, and no longer need.

What was said, and in which calls, stays until its visitor or staff delete it. The dashboard stays right: a day's figures are made
before any of its rows go, and never again after.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db.models import Min
from django.utils import timezone

from knowledge.retention import old_questions
from personas.retention import Patience, let_go, let_history_go
from voice.figures import days
from voice.models import Alert, Attempt, Command, Deed, Delivery, Silence, ToolCall, Visit

logger = logging.getLogger(__name__)
LEAST_DAYS = 14  # figures may change for eight, and a report that cannot be read is tried for two
SECONDS = 60  # of one run
CLOSED_AT_ONCE = timedelta(days=31)  # whose figures may have to be made first


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one kind: their names in the log, the setting that says after how many days they go, and what finds those from before
    a moment, oldest first. ``counted_by``: the moment by which they stand in a day's figures, if they do."""

    name: str
    setting: str
    before: Callable
    counted_by: str = ""


def _visits(moment):
    return Visit.objects.filter(day__lt=moment.date()).order_by("day")


def _older(model, field="at"):
    return lambda moment: model.objects.filter(**{f"{field}__lt": moment}).order_by(field)


KINDS = [
    Kind("visits", "KEEP_STARTS_DAYS", _visits, "day"),
    Kind("starts", "KEEP_STARTS_DAYS", _older(Attempt), "at"),
    Kind("reports as they came", "KEEP_REPORTS_DAYS", _older(Delivery, "received_at")),
    Kind("tool calls", "KEEP_LOOKUPS_DAYS", _older(ToolCall), "at"),
    Kind("questions", "KEEP_LOOKUPS_DAYS", old_questions, "at"),
    Kind("commands", "KEEP_LOOKUPS_DAYS", _older(Command)),
    Kind("deeds", "AUDIT_DAYS", Deed.objects.before),
    Kind("entries of the admin", "AUDIT_DAYS", _older(LogEntry, "action_time")),
    Kind("alerts", "KEEP_ALERTS_DAYS", _older(Alert, "over_at")),
    Kind("silences", "KEEP_ALERTS_DAYS", _older(Silence, "ends_at")),
]


def run(seconds=SECONDS):
    """Let go what is older than its days, for at most so long; the next run goes on. {name: how many rows}."""
    patience = Patience(seconds)
    gone = {kind.name: _let_go(kind, patience) for kind in KINDS}
    if moment := _moment("KEEP_VERSIONS_DAYS"):
        gone["versions"] = let_history_go(moment, patience)
    if any(gone.values()):
        logger.info("let go by age: %s", ", ".join(f"{count} {name}" for name, count in gone.items() if count))
    return gone


def _let_go(kind, patience):
    moment = _moment(kind.setting)
    if moment is None or patience.is_over:
        return 0
    if kind.counted_by:
        moment = _close(kind, moment)
    return let_go(kind.before(moment), patience)


def _close(kind, moment):
    """See to the figures of the days whose rows are to go; the moment before which they may."""
    first = kind.before(moment).order_by().aggregate(first=Min(kind.counted_by))["first"]
    if first is None:
        return moment
    first = first.date() if isinstance(first, datetime) else first
    last = min(moment.date(), first + CLOSED_AT_ONCE)
    days.close(first, last)
    return _midnight(last)


def _moment(setting):
    """The midnight before which rows go; None where they stay for ever. Whole days, as figures are made of."""
    kept = getattr(settings, setting)
    if not kept:
        return None
    return _midnight(timezone.now().date() - timedelta(days=max(kept, LEAST_DAYS)))


def _midnight(day):
    return datetime.combine(day, time.min, UTC)
