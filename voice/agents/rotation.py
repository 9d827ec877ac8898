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
from django.utils.translation import gettext as _

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
        return Standing(
            False, (_("SERVICE_TOKENS is empty: every tool call is refused. Set it to a long random word."),)
        )
    first, *old = live
    if not workspace.expected()[3]:
        wait = _(
            "ElevenLabs does not have the first token yet. The next sync puts it there; until then keep the old one."
        )
        return Standing(False, (wait,))
    says = [
        _("ElevenLabs sends the token that ends in {name}. {used}").format(name=tokens.name(first), used=_used(first))
    ]
    if not old:
        says.append(
            _(
                "To replace it, put a new token in front of it, SERVICE_TOKENS=NEW,OLD, and restart the web and worker processes."
            )
        )
        return Standing(True, tuple(says))
    return Standing(all(_is_quiet(one) for one in old), (*says, *(_old(one) for one in old)))


def _used(one):
    at = tokens.last_used(one)
    return _("A caller last sent it {ago}.").format(ago=ago(at)) if at else _("No caller has sent it yet.")


def _is_quiet(one):
    """Nobody sends it any more: not for a call's length, counted from when ElevenLabs had the new one, too."""
    moments = [tokens.last_used(one), Workspace.objects.values_list("synced_at", flat=True).first()]
    return all(at is None or at < timezone.now() - settings.VOICE_SESSION_MAX_AGE for at in moments)


def _old(one):
    at = tokens.last_used(one)
    name, minutes = tokens.name(one), settings.VOICE_SESSION_MAX_AGE.total_seconds() / 60
    said = (
        _("The old token {name} was last used {ago}.").format(name=name, ago=ago(at))
        if at
        else _("The old token {name} was not used since uses are noted.").format(name=name)
    )
    then = (
        _("It can now be removed from SERVICE_TOKENS; restart afterwards.")
        if _is_quiet(one)
        else _("Keep it until it was not used for {minutes:.0f} minutes.").format(minutes=minutes)
    )
    return f"{said} {then}"


def webhook():
    """The Standing of the webhook's rotation."""
    row = Workspace.objects.filter(pk=1).first()
    if row is None or not row.webhook_id:
        return Standing(False, (_("There is no post-call webhook yet. The first sync makes it."),))
    if not row.retired:
        return Standing(True, (_("One webhook sends the reports of calls, and its secret is the only one in use."),))
    behind = _behind(row)
    if behind:
        names = ", ".join(str(agent.persona or agent.persona_key) for agent in behind[:5])
        more = _(" and {count} more").format(count=len(behind) - 5) if len(behind) > 5 else ""
        return Standing(
            False,
            (
                _("Not yet moved to the new webhook: {names}{more}. The old secret is accepted meanwhile.").format(
                    names=names, more=more
                ),
            ),
        )
    until = max(_until(one) for one in row.retired)
    return Standing(
        False,
        (_("Every agent names the new webhook. The old one is deleted in {time}, when nothing it could report is under way; its secret is accepted until then.").format(time=timesince(timezone.now(), until)),),
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
