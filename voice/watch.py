"""What is looked at on schedule, and the words for it when it is not well. A new check is a function that gives the words,
or none, and its line in CHECKS."""

import logging
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from personas.models import Persona
from voice import agents, alerts, backlog, gateway, objectives, tallies
from voice.agents import workspace
from voice.figures import forecast
from voice.figures.board import Board, Period
from voice.models import Agent, Alert, Attempt, Delivery, ToolCall, Workspace
from voice.models.figures import APART

logger = logging.getLogger(__name__)
MANY_REFUSED = 3
QUEUE_SECONDS = 120
DISK_FREE, DISK_LEAST = 0.1, 2 * 2**30  # a share, and bytes


def look():
    """Make every check, begin and end alerts by what it says, and tell staff. A check that could not be made changes
    nothing."""
    for kind, about, check in CHECKS:
        try:
            words = check()
        except gateway.GatewayError as fault:
            logger.warning("the check %s could not be made: %s", kind, fault)
            continue
        except Exception:  # one that trips over what it reads must not keep the others from being made and told
            logger.exception("the check %s failed", kind)
            continue
        alerts.settle(kind, words, about)
    alerts.tell()


def switch_webhook_on():
    """Have ElevenLabs send reports again; one that was deleted there is made anew with the next syncs. Raises GatewayError."""
    webhook_id = _webhook_id()
    try:
        gateway.enable_webhook_retries(webhook_id, gateway.webhook(webhook_id)["name"])
    except gateway.Gone:
        workspace.forget()
        for persona in Persona.objects.all():
            agents.note(persona)
    look()


def _webhook_id():
    return Workspace.objects.filter(pk=1).values_list("webhook_id", flat=True).first() or ""


def _webhook():
    """Whether ElevenLabs sends us reports: it stops by itself after ten failures in a row when the last success is a week
    old, and never begins again by itself."""
    webhook_id = _webhook_id()
    if not webhook_id:
        return ""
    try:
        found = gateway.webhook(webhook_id)
    except gateway.Gone:
        return _(
            "The post-call webhook was deleted at ElevenLabs, so no reports come. Switch it on again: a new one is made."
        )
    if found.get("is_auto_disabled"):
        return _(
            "ElevenLabs has switched the post-call webhook off, since it failed too often.{last_failure} Mend the cause, then switch it on again. Reports are fetched meanwhile, minutes late."
        ).format(last_failure=_last_failure(found))
    if found.get("is_disabled"):
        return _(
            "Somebody has switched the post-call webhook off at ElevenLabs. Switch it on again, or reports are only fetched, minutes late."
        )
    return ""


def _last_failure(found):
    code, at = found.get("most_recent_failure_error_code"), found.get("most_recent_failure_timestamp")
    when = ""
    with suppress(ValueError, OverflowError, OSError, TypeError):  # no moment is better than no alert
        when = (
            _(", at {moment} UTC").format(moment=date_format(datetime.fromtimestamp(at, UTC), "DATETIME_FORMAT"))
            if at
            else ""
        )
    if code:
        return _(" The last time our answer was {code}{when}.").format(code=code, when=when)
    return _(" The last time there was no answer{when}.").format(when=when)


def _reports():
    """A secret that is not ElevenLabs' refuses every report. One that is right clears it: strangers may knock, too."""
    refused, since = tallies.lately("reports-wrongly-signed"), timezone.now() - timedelta(hours=2)
    if refused < MANY_REFUSED or Delivery.objects.filter(origin=Delivery.Origin.SENT, received_at__gte=since).exists():
        return ""
    return _(
        "{refused} reports were refused lately and none was taken: they are signed with another secret. Check ELEVENLABS_WEBHOOK_SECRETS, and whether SECRET_KEY was changed; `manage.py sync_agents` makes a new webhook when its secret is lost."
    ).format(refused=refused)


def _drift():
    """What the check of the agents has found; asks nobody."""
    rows = Agent.objects.filter(persona__isnull=False).select_related("persona").order_by("persona__name")
    names = [row.persona.name for row in rows if row.drift]
    if not names:
        return ""
    more = _(" and {count} more").format(count=len(names) - 5) if len(names) > 5 else ""
    who = ", ".join(names[:5]) + more
    return _(
        "Somebody changed {who} by hand at ElevenLabs. See under Agents at ElevenLabs what it was, and adopt it or overwrite it."
    ).format(who=who)


def _objective(kind):
    """The words when an objective is missed over the last quarter of an hour, with where the newest three cases stand."""

    def check():
        sentence = objectives.measure(timezone.now() - objectives.WINDOW, {}).get(kind)
        return f"{sentence} {_examples(kind)}" if sentence else ""

    return check


def _examples(kind):
    """Addresses of the newest three cases."""
    if kind == Alert.Kind.STARTS:
        rows = Attempt.objects.judged().of_visitors().exclude(outcome=Attempt.LIVE).order_by("-at")[:3]
        places = [reverse("admin:voice_conversation_change", args=[row.conversation_id]) for row in rows]
    else:
        worst = (
            {"outcome": ToolCall.Outcome.FALLBACK}
            if kind == Alert.Kind.CALLS
            else {"milliseconds__total__gt": settings.OBJECTIVE_P95_MS}
        )
        rows = ToolCall.objects.judged().of_visitors().filter(**worst).order_by("-at")[:3]
        places = [reverse("admin:voice_toolcall_change", args=[row.pk]) for row in rows]
    return _("The newest: ") + " ".join(f"{settings.PUBLIC_URL}{place}" for place in places)


def _credits(percent):
    """The words when so much of the plan's credits is used, with the day they will be gone."""

    def check():
        plan = gateway.plan()
        used, limit = plan.get("character_count") or 0, plan.get("character_limit") or 0
        if not limit or used < limit * percent / 100:
            return ""
        return _(
            "{used:,} of the plan's {limit:,} credits are used.{forecast} Without credits no call can begin."
        ).format(used=used, limit=limit, forecast=_forecast(limit - used))

    return check


def _forecast(left):
    today = timezone.now().date()
    lately = Period(today - timedelta(days=forecast.DAYS), today - timedelta(days=1))
    boards = [
        Board.read(replace(lately, channel=channel), daily=True, lists=False) for channel in ("", *APART)
    ]  # what staff try costs as much
    spent = [sum(day) for day in zip(*(board.each("credits") for board in boards), strict=True)]
    found = forecast.run_out(left, spent)
    if found is None:
        return ""
    day, first, last = (
        today + timedelta(days=int(min(one, 3650))) for one in (found.days, found.earliest, found.latest)
    )
    return f" At the pace of the last two weeks they are gone about {day:%Y-%m-%d} (between {first:%Y-%m-%d} and {last:%Y-%m-%d})."


def _queue():
    """Whether tasks wait: also ours, which then comes late, and is why this looks back."""
    waited = backlog.age()
    if waited < QUEUE_SECONDS:
        return ""
    return _(
        "The oldest task has been waiting for {waited:.0f} seconds: documents, agents and reports come late. Start more workers, or see what the running ones hang at."
    ).format(waited=waited)


def _disk():
    usage = shutil.disk_usage(settings.DATA_DIR)
    if usage.free >= max(usage.total * DISK_FREE, DISK_LEAST):
        return ""
    return _(
        "{free:.1f} of {total:.0f} GiB are free where {data_dir} lies. Make room, or documents and reports cannot be kept."
    ).format(free=usage.free / 2**30, total=usage.total / 2**30, data_dir=settings.DATA_DIR)


CHECKS = (
    (Alert.Kind.WEBHOOK, "", _webhook),
    (Alert.Kind.REPORTS, "", _reports),
    (Alert.Kind.DRIFT, "", _drift),
    (Alert.Kind.CALLS, "", _objective(Alert.Kind.CALLS)),
    (Alert.Kind.SLOW, "", _objective(Alert.Kind.SLOW)),
    (Alert.Kind.STARTS, "", _objective(Alert.Kind.STARTS)),
    (Alert.Kind.CREDITS, "80 %", _credits(80)),
    (Alert.Kind.CREDITS, "95 %", _credits(95)),
    (Alert.Kind.QUEUE, "", _queue),
    (Alert.Kind.DISK, "", _disk),
)
