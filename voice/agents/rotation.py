"""New secrets in place of old ones, without a moment in which neither works.

The service token: we accept several (SERVICE_TOKENS), ElevenLabs sends the one that stands in its secret, which a sync
sets to the first. So a new one is put in front, and the old one taken out once no caller sends it any more.

The post-call webhook's secret is made by ElevenLabs with the webhook. So a new webhook is made, the agents are moved to
it, and the old one, whose secret is still accepted, is deleted when nothing it could report is under way.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.timesince import timesince

from voice import gateway, tokens
from voice.agents import workspace
from voice.claims import Busy, claimed, keep
from voice.clock import ago
from voice.models import Agent, Workspace

RETRIES = timedelta(minutes=45)  # their last try comes 40 minutes after the first, and jitter


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a rotation is. ``says`` are sentences for staff; ``done`` when nothing is left to do or to wait for."""

    done: bool
    says: tuple


def quiet():
    """For how long nothing must have been heard of an old secret: a call opened with it may go on for so long, and its
    report may be sent again for a while."""
    return settings.VOICE_SESSION_MAX_AGE + RETRIES


def token():
    """The Standing of the service token's rotation."""
    live = tokens.live()
    if not live:
        return Standing(False, ("SERVICE_TOKENS is empty: every tool call is refused. Set it to a long random word.",))
    first, *old = live
    if not workspace.expected()[3]:
        wait = "ElevenLabs does not have the first token yet. The next sync puts it there; until then keep the old one."
        return Standing(False, (wait,))
    says = [f"ElevenLabs sends the token that ends in {tokens.name(first)}. {_used(first)}"]
    if not old:
        says.append(
            "To replace it, put a new token in front of it, SERVICE_TOKENS=NEW,OLD, and restart the web and worker processes."
        )
        return Standing(True, tuple(says))
    return Standing(all(_is_quiet(one) for one in old), (*says, *(_old(one) for one in old)))


def _used(one):
    at = tokens.last_used(one)
    return f"A caller last sent it {ago(at)}." if at else "No caller has sent it yet."


def _is_quiet(one):
    """Nobody sends it any more: not for a call's length, counted from when ElevenLabs had the new one, too."""
    moments = [tokens.last_used(one), Workspace.objects.values_list("synced_at", flat=True).first()]
    return all(at is None or at < timezone.now() - settings.VOICE_SESSION_MAX_AGE for at in moments)


def _old(one):
    at = tokens.last_used(one)
    seen = f"was last used {ago(at)}" if at else "was not used since uses are noted"
    if _is_quiet(one):
        return (
            f"The old token {tokens.name(one)} {seen}. It can now be removed from SERVICE_TOKENS; restart afterwards."
        )
    minutes = settings.VOICE_SESSION_MAX_AGE.total_seconds() / 60
    return f"The old token {tokens.name(one)} {seen}. Keep it until it was not used for {minutes:.0f} minutes."


def webhook():
    """The Standing of the webhook's rotation."""
    row = Workspace.objects.filter(pk=1).first()
    if row is None or not row.webhook_id:
        return Standing(False, ("There is no post-call webhook yet. The first sync makes it.",))
    if not row.retired:
        return Standing(True, ("One webhook sends the reports of calls, and its secret is the only one in use.",))
    behind = _behind(row)
    if behind:
        names = ", ".join(str(agent.persona or agent.persona_key) for agent in behind[:5])
        more = f" and {len(behind) - 5} more" if len(behind) > 5 else ""
        return Standing(
            False, (f"Not yet moved to the new webhook: {names}{more}. The old secret is accepted meanwhile.",)
        )
    until = max(_until(one) for one in row.retired)
    return Standing(
        False,
        (f"Every agent names the new webhook. The old one is deleted in {timesince(timezone.now(), until)}, when nothing "
         "it could report is under way; its secret is accepted until then.",),
    )  # fmt: skip


def retire():
    """Delete the old webhooks whose time is over. Safe to repeat; asks nobody when there are none. Raises GatewayError."""
    row = Workspace.objects.filter(pk=1).first()
    if row is None or not row.retired:
        return
    try:
        with claimed(row):
            row.refresh_from_db()
            _retire(row)
    except Busy:
        return  # the next sweep


def _retire(row):
    if _behind(row):
        keep(row, retired=[{key: one[key] for key in ("id", "secret")} for one in row.retired])
        return
    now = timezone.now()
    stamped = [{"since": now.isoformat(), **one} for one in row.retired]
    over = [one for one in stamped if _until(one) <= now]
    for one in over:
        gateway.delete_webhook(one["id"])
    keep(row, retired=[one for one in stamped if one not in over])


def _until(one):
    """When a retired webhook goes; ``since`` is when no agent named it any more."""
    since = datetime.fromisoformat(one["since"]) if "since" in one else timezone.now()
    return since + quiet()


def _behind(row):
    """The agents that do not name the webhook of today, by what ElevenLabs said of them last."""
    known = Agent.objects.exclude(elevenlabs_agent_id="").exclude(persona=None).select_related("persona")
    return [agent for agent in known if (agent.baseline.get("agent") or {}).get(NAMED) != row.webhook_id]


NAMED = "platform_settings.workspace_overrides.webhooks.post_call_webhook_id"
