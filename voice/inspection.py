"""Whether a call could be held right now, part by part, for the staff who try it: in words, with figures and advice."""

import time
from dataclasses import dataclass

import httpx
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
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
    says = "Voice is offered." if settings.ENABLE_VOICE_CHAT else "Voice is offered to the beta users only."
    return Finding(
        "Voice switched on", on, says if on else "Voice is switched off for everybody.", "Set ENABLE_VOICE_CHAT=True."
    )


def _agent(persona):
    agent = Agent.objects.filter(persona=persona).first()
    if agent is None or not agent.elevenlabs_agent_id:
        return Finding(
            "Agent",
            False,
            "ElevenLabs has no agent for this persona yet.",
            "Bring it in step in the admin, or wait a minute.",
        )
    ok = agent.state == Agent.State.IN_STEP
    return Finding(
        "Agent",
        ok,
        f"{agent.get_state_display()}. {agent.problem}".strip(),
        "Look at its plan under Agents in the admin.",
    )


def _signed_address(persona):
    agent = Agent.objects.filter(persona=persona).exclude(elevenlabs_agent_id="").first()
    if agent is None:
        return Finding("Signed address", False, "Not asked for: there is no agent.", "Make the agent first.")
    started = time.monotonic()
    try:
        gateway.signed_url(agent.elevenlabs_agent_id)
    except gateway.GatewayError as fault:
        return Finding("Signed address", False, str(fault), "Check the key and the network; see ElevenLabs account.")
    return Finding("Signed address", True, "ElevenLabs gives one.", milliseconds=_since(started))


def _tool_door():
    """By the way ElevenLabs takes: over the public address, with the token that the agents were given."""
    name, address = "Tool door", f"{settings.PUBLIC_URL}{reverse('voice:function_call')}"
    if not settings.SERVICE_TOKENS:
        return Finding(name, False, "SERVICE_TOKENS is empty: every agent is refused.", "Set it, then sync the agents.")
    started = time.monotonic()
    try:
        answer = httpx.post(address, json=_question(), headers=_proof(), timeout=PATIENCE_SECONDS, trust_env=False)
    except httpx.HTTPError as fault:
        says = f"{settings.PUBLIC_URL} does not answer ({type(fault).__name__})."
        return Finding(name, False, says, "Set PUBLIC_URL to an address that reaches this machine from outside.")
    if answer.status_code != 403 or "not_yours" not in answer.text:
        says = f"{settings.PUBLIC_URL} answers {answer.status_code}: something else stands there."
        return Finding(
            name, False, says, "Check PUBLIC_URL, the proxy in front, and that all parts share SERVICE_TOKENS."
        )
    return Finding(name, True, "Reached from outside, the token is let in.", milliseconds=_since(started))


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
            "Cache", False, f"Redis does not answer ({type(fault).__name__}).", "Calls go on, slower. Start Redis."
        )
    return Finding("Cache", True, "Redis answers.", milliseconds=_since(started))


def _reports():
    """Whether reports of finished calls can arrive, and when the last one did."""
    if not workspace.webhook_secrets():
        return Finding(
            "Reports", False, "No webhook secret is known here yet.", "Sync the agents: it makes the webhook."
        )
    last = (
        Session.objects.exclude(reported_at=None).order_by("-reported_at").values_list("reported_at", flat=True).first()
    )
    if last is None:
        return Finding("Reports", True, "The door is open; no call was reported yet.")
    return Finding("Reports", True, f"The last call was reported {ago(last)}.")


def _since(started):
    return round((time.monotonic() - started) * 1000, 1)
