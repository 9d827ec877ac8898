"""What is looked at on schedule, and the words for it when it is not well. A new check is a function that gives the words,
or none, and its line in CHECKS."""

import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from personas.models import Persona
from voice import agents, alerts, gateway, tallies
from voice.agents import workspace
from voice.models import Agent, Alert, Delivery, Workspace

logger = logging.getLogger(__name__)
MANY_REFUSED = 3


def look():
    """Make every check, begin and end alerts by what it says, and tell staff. A check that could not be made changes
    nothing."""
    for kind, check in CHECKS.items():
        try:
            words = check()
        except gateway.GatewayError as fault:
            logger.warning("the check %s could not be made: %s", kind, fault)
            continue
        except Exception:  # one that trips over what it reads must not keep the others from being made and told
            logger.exception("the check %s failed", kind)
            continue
        alerts.settle(kind, words)
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
        return "The post-call webhook was deleted at ElevenLabs, so no reports come. Switch it on again: a new one is made."
    if found.get("is_auto_disabled"):
        return f"ElevenLabs has switched the post-call webhook off, since it failed too often.{_last_failure(found)} Mend the cause, then switch it on again. Reports are fetched meanwhile, minutes late."
    if found.get("is_disabled"):
        return "Somebody has switched the post-call webhook off at ElevenLabs. Switch it on again, or reports are only fetched, minutes late."
    return ""


def _last_failure(found):
    code, at = found.get("most_recent_failure_error_code"), found.get("most_recent_failure_timestamp")
    when = ""
    with suppress(ValueError, OverflowError, OSError, TypeError):  # no moment is better than no alert
        when = f", at {datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC" if at else ""
    return f" The last time our answer was {code}{when}." if code else f" The last time there was no answer{when}."


def _reports():
    """A secret that is not ElevenLabs' refuses every report. One that is right clears it: strangers may knock, too."""
    refused, since = tallies.lately("reports-wrongly-signed"), timezone.now() - timedelta(hours=2)
    if refused < MANY_REFUSED or Delivery.objects.filter(origin=Delivery.Origin.SENT, received_at__gte=since).exists():
        return ""
    return f"{refused} reports were refused lately and none was taken: they are signed with another secret. Check ELEVENLABS_WEBHOOK_SECRETS, and whether SECRET_KEY was changed; `manage.py sync_agents` makes a new webhook when its secret is lost."


def _drift():
    """What the check of the agents has found; asks nobody."""
    rows = Agent.objects.filter(persona__isnull=False).select_related("persona").order_by("persona__name")
    names = [row.persona.name for row in rows if row.drift]
    if not names:
        return ""
    who = f"{', '.join(names[:5])}{f' and {len(names) - 5} more' if len(names) > 5 else ''}"
    return f"Somebody changed {who} by hand at ElevenLabs. See under Agents at ElevenLabs what it was, and adopt it or overwrite it."


CHECKS = {Alert.Kind.WEBHOOK: _webhook, Alert.Kind.REPORTS: _reports, Alert.Kind.DRIFT: _drift}
