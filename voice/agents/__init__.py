"""Keeping each persona's one agent in step with it."""

import logging
from contextlib import suppress
from datetime import timedelta

from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone

from personas.models import Persona
from voice import audit, gateway
from voice.agents import baselines, definitions, doubts, workspace
from voice.claims import Lost, keep
from voice.models import Agent

logger = logging.getLogger(__name__)
State = Agent.State
# Sent after every successful sync that sent something, with agent (our row), agent_there and tool_there: both whole, as
# the other side gave them back. Outside every transaction, by whoever holds the row's claim.
synced = Signal()


def note(persona, again=False):
    """Remember that the persona changed. Part of the caller's transaction, so that no change is forgotten. With
    ``again`` the next sync sends it even when nothing of ours changed."""
    agent, made = Agent.objects.get_or_create(
        persona_key=persona.pk, defaults={"persona": persona, "state": State.WAITING}
    )
    if not made and agent.state != State.WAITING:
        Agent.objects.filter(pk=agent.pk).update(state=State.WAITING, try_at=None)
    if again:
        Agent.objects.filter(pk=agent.pk).update(fingerprint="")
    return agent


def sync(agent):
    """Make the other side follow this row's persona, or delete the agent when the persona is gone.

    Safe to repeat and to run twice at once: there is never a second agent. An equal fingerprint sends nothing. Raises
    Busy and Unreachable (ask again later); a refusal is kept on the row for staff and not raised.
    """
    with doubts.claimed(agent), audit.concerning(agent.persona_id):
        try:
            _sync(agent)
        except Lost:
            doubts.leave(agent)
            raise


def _sync(agent):
    try:
        if agent.persona_id is None or not _follow_repairing(agent):
            _remove(agent)
    except gateway.Unreachable as fault:
        keep(agent, state=State.WAITING, problem=str(fault))
        raise
    except gateway.Refused as refusal:
        logger.warning("agent of persona %s refused: %s", agent.persona_key, refusal)
        keep(agent, state=State.REFUSED, problem=str(refusal), restoring=False)


def waiting():
    """The rows a sync is owed to: changed and not yet followed, or left without their persona. Not those that somebody
    changed by hand on the other side: staff say whether that is adopted or overwritten."""
    owed = Q(state__in=[State.NEVER, State.WAITING, State.GONE]) | Q(persona=None)
    return Agent.objects.filter(owed | doubts.due())


def due():
    """Of those, the ones that no task is going to try again by itself."""
    return waiting().exclude(try_at__gt=timezone.now())


def postpone(agent, seconds):
    """A task comes back to it after so many seconds; the sweep gives it half a minute more."""
    Agent.objects.filter(pk=agent.pk).update(try_at=timezone.now() + timedelta(seconds=seconds + 30))


def _follow_repairing(agent):
    """A refusal may mean that the secret or the webhook is gone on the other side: make them again, once. Gives whether
    the persona is still there."""
    try:
        return _follow(agent)
    except gateway.Refused:
        if workspace.is_intact():
            raise
        workspace.forget()
        return _follow(agent)


def _follow(agent):
    """Loop while the persona is edited under our hands; three rounds, then the next sync has it. Gives whether it is
    still there."""
    shared = workspace.prepare()
    for _ in range(3):
        persona = Persona.objects.filter(pk=agent.persona_key).first()
        if persona is None:
            return False
        _follow_once(agent, persona, shared)
        fresh, shared = Persona.objects.filter(pk=agent.persona_key).first(), workspace.last_known()
        if fresh is None or definitions.fingerprint_of(fresh, shared, agent.tool_id) == agent.fingerprint:
            return fresh is not None
    keep(agent, state=State.WAITING)
    return True


def _follow_once(agent, persona, shared):
    due = agent.settle_at if doubts.is_due(agent) else None
    if (
        agent.tool_id
        and agent.elevenlabs_agent_id
        and agent.fingerprint == definitions.fingerprint_of(persona, shared, agent.tool_id)
        and not due
    ):
        keep(agent, **baselines.told(baselines.drift_of(agent)))
        return
    _look(agent)
    tool_there = _follow_tool(agent, persona, shared)
    agent_there = _follow_agent(agent, persona, shared)
    if due:
        _remove_others(agent, shared.installation)
        doubts.settled(agent, due)
    settled = baselines.settled(agent, definitions.agent(persona, shared, agent.tool_id), agent_there, tool_there)
    fingerprint = definitions.fingerprint_of(persona, shared, agent.tool_id)
    keep(agent, **settled, fingerprint=fingerprint, synced_at=timezone.now())
    synced.send(Agent, agent=agent, agent_there=agent_there, tool_there=tool_there)


def _look(agent):
    """What was changed by hand since the last look, so that sending ours does not hide what it leaves as it is."""
    if agent.baseline and agent.elevenlabs_agent_id and agent.tool_id:
        with suppress(gateway.Gone):
            there, tool_there = gateway.agent(agent.elevenlabs_agent_id), gateway.tool(agent.tool_id)
            pictures = baselines.picture_agent(there), baselines.picture_tool(tool_there)
            drift, baseline = baselines.compare_to_baseline(agent, *pictures)
            keep(agent, drift=[one.as_json() for one in drift], baseline=baseline)


def _follow_tool(agent, persona, shared):
    """Make or change the tool. Gives it as it stands on the other side."""
    definition = definitions.tool(persona, shared)
    if agent.tool_id:
        try:
            return doubts.send(agent, gateway.update_tool, agent.tool_id, definition)
        except gateway.Gone:
            keep(agent, tool_id="")
    known = _tools_of(agent.persona_key) if agent.settle_at else []
    if known:
        there = doubts.send(agent, gateway.update_tool, known[0], definition)
        keep(agent, tool_id=known[0])
        return there
    with doubts.creating(agent):
        there = gateway.create_tool(definition)
        keep(agent, tool_id=there["id"])
    return there


def _tools_of(persona_key):
    """Ids of the tools that this installation made for that persona."""
    secret_id = workspace.last_known().secret_id
    configs = [(row["id"], row["tool_config"]) for row in gateway.tools_named(definitions.TOOL_NAME)]
    whose = [(tool_id, definitions.persona_of(one), definitions.secret_of(one)) for tool_id, one in configs]
    return [tool_id for tool_id, persona, secret in whose if (persona, secret) == (str(persona_key), secret_id)]


def _follow_agent(agent, persona, shared):
    """Update it; when it is gone, or was never heard of, adopt what a lost create left behind, else create. Gives it as
    it stands on the other side."""
    definition = baselines.restored(agent, definitions.agent(persona, shared, agent.tool_id))
    if agent.elevenlabs_agent_id:
        try:
            return doubts.send(agent, gateway.update_agent, agent.elevenlabs_agent_id, definition)
        except gateway.Gone:
            logger.warning("agent %s is gone on the other side; making it again", agent.elevenlabs_agent_id)
            keep(agent, elevenlabs_agent_id="", fingerprint="", baseline={}, drift=[], state=State.GONE)
            definition = definitions.agent(persona, shared, agent.tool_id)
    behind = left_behind(persona.pk, shared.installation)
    if behind:
        there = doubts.send(agent, gateway.update_agent, behind[0], definition)
        # There may be more than this one, and a tool.
        keep(agent, elevenlabs_agent_id=behind[0], settle_at=agent.settle_at or timezone.now())
        return there
    with doubts.creating(agent):
        keep(agent, elevenlabs_agent_id=gateway.create_agent(definition))
    return gateway.agent(agent.elevenlabs_agent_id)  # a create gives back nothing but the id


def _remove_others(agent, installation):
    """Of this persona's agents and tools on the other side, all but the row's own."""
    for agent_id in left_behind(agent.persona_key, installation):
        if agent_id != agent.elevenlabs_agent_id:
            doubts.send(agent, gateway.delete_agent, agent_id)
    for tool_id in _tools_of(agent.persona_key):
        if tool_id != agent.tool_id:
            doubts.send(agent, gateway.delete_tool, tool_id)


def left_behind(persona_key, installation):
    """Ids of the agents that this installation made for that persona, oldest first."""
    ours, whose = definitions.tags(persona_key, installation)
    return [agent_id for agent_id, tags in gateway.agents_tagged(whose) if ours in tags]


def _remove(agent):
    """The persona is gone: its agent and tool follow, then the row. Also what a lost create left behind; when one may
    still be to come, the row stays and is looked at again."""
    for agent_id in {agent.elevenlabs_agent_id, *left_behind(agent.persona_key, _installation())} - {""}:
        doubts.send(agent, gateway.delete_agent, agent_id)
    for tool_id in {agent.tool_id, *(_tools_of(agent.persona_key) if agent.settle_at else [])} - {""}:
        doubts.send(agent, gateway.delete_tool, tool_id)
    if agent.settle_at is None or doubts.is_due(agent):
        Agent.objects.filter(pk=agent.pk, claim=agent.claim).delete()
    else:
        keep(agent, elevenlabs_agent_id="", tool_id="", state=State.WAITING, problem="")


def _installation():
    return workspace.last_known().installation
