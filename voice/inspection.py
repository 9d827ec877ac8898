"""Whether a call could be held right now, part by part, for the staff who try it: in words, with figures and advice."""

import time
from dataclasses import dataclass

import httpx
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from voice import gateway
from voice.agents import workspace
from voice.clock import ago
from voice.models import Agent, Session

PATIENCE_SECONDS = 5
NOBODY = "conv_of_nobody"  # a conversation that no call ever had: the tool door lets the token in and refuses it


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: ``ok`` says whether it passed, ``says`` what was found, ``advice`` what to do when it did not."""

    name: str
    ok: bool
    says: str
    advice: str = ""
    milliseconds: float | None = None


def inspect(persona):
    """[Finding, …]: from what is kept here to what the other side says. Asks ElevenLabs and our own public address."""
    return [_switched_on(), _agent(persona), _signed_address(persona), _tool_door(), _cache(), _reports()]


def _switched_on():
    on = settings.ENABLE_VOICE_CHAT or bool(settings.VOICE_CHAT_BETA_USERS)
    says = _("Voice is offered.") if settings.ENABLE_VOICE_CHAT else _("Voice is offered to the beta users only.")
    return Finding(
        _("Voice switched on"),
        on,
        says if on else _("Voice is switched off for everybody."),
        _("Set ENABLE_VOICE_CHAT=True."),
    )


def _agent(persona):
    agent = Agent.objects.filter(persona=persona).first()
    if agent is None or not agent.elevenlabs_agent_id:
        return Finding(
            _("Agent"),
            False,
            _("ElevenLabs has no agent for this persona yet."),
            _("Bring it in step in the admin, or wait a minute."),
        )
    ok = agent.state == Agent.State.IN_STEP
    return Finding(
        _("Agent"),
        ok,
        f"{agent.get_state_display()}. {agent.problem}".strip(),
        _("Look at its plan under Agents in the admin."),
    )


def _signed_address(persona):
    agent = Agent.objects.filter(persona=persona).exclude(elevenlabs_agent_id="").first()
    if agent is None:
        return Finding(_("Signed address"), False, _("Not asked for: there is no agent."), _("Make the agent first."))
    started = time.monotonic()
    try:
        gateway.signed_url(agent.elevenlabs_agent_id)
    except gateway.GatewayError as fault:
        return Finding(
            _("Signed address"), False, str(fault), _("Check the key and the network; see ElevenLabs account.")
        )
    return Finding(_("Signed address"), True, _("ElevenLabs gives one."), milliseconds=_since(started))


def _tool_door():
    """By the way ElevenLabs takes: over the public address, with the token that the agents were given."""
    name, address = _("Tool door"), f"{settings.PUBLIC_URL}{reverse('voice:function_call')}"
    if not settings.SERVICE_TOKENS:
        return Finding(
            name, False, _("SERVICE_TOKENS is empty: every agent is refused."), _("Set it, then sync the agents.")
        )
    started = time.monotonic()
    try:
        answer = httpx.post(address, json=_question(), headers=_proof(), timeout=PATIENCE_SECONDS, trust_env=False)
    except httpx.HTTPError as fault:
        says = _("{public_url} does not answer ({fault}).").format(
            public_url=settings.PUBLIC_URL, fault=type(fault).__name__
        )
        return Finding(name, False, says, _("Set PUBLIC_URL to an address that reaches this machine from outside."))
    if answer.status_code != 403 or "not_yours" not in answer.text:
        says = _("{public_url} answers {status_code}: something else stands there.").format(
            public_url=settings.PUBLIC_URL, status_code=answer.status_code
        )
        return Finding(
            name, False, says, _("Check PUBLIC_URL, the proxy in front, and that all parts share SERVICE_TOKENS.")
        )
    return Finding(name, True, _("Reached from outside, the token is let in."), milliseconds=_since(started))


def _question():
    parameters = {"query": "Is anybody there?", "persona_id": "00000000-0000-0000-0000-000000000000"}
    return {"function_name": "query_persona_knowledge", "parameters": parameters, "conversation_id": NOBODY}


def _proof():
    return {"X-Service-Token": settings.SERVICE_TOKENS[0]}


def _cache():
    started = time.monotonic()
    try:
        cache.set("inspection", 1, 10)
    except RedisError as fault:
        return Finding(
            _("Cache"),
            False,
            _("Redis does not answer ({fault}).").format(fault=type(fault).__name__),
            _("Calls go on, slower. Start Redis."),
        )
    return Finding(_("Cache"), True, _("Redis answers."), milliseconds=_since(started))


def _reports():
    """Whether reports of finished calls can arrive, and when the last one did."""
    if not workspace.webhook_secrets():
        return Finding(
            _("Reports"), False, _("No webhook secret is known here yet."), _("Sync the agents: it makes the webhook.")
        )
    last = (
        Session.objects.exclude(reported_at=None).order_by("-reported_at").values_list("reported_at", flat=True).first()
    )
    if last is None:
        return Finding(_("Reports"), True, _("The door is open; no call was reported yet."))
    return Finding(_("Reports"), True, _("The last call was reported {ago}.").format(ago=ago(last)))


def _since(started):
    return round((time.monotonic() - started) * 1000, 1)
