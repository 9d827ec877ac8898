"""Keeping each persona's one agent in step with it."""

import logging
from contextlib import suppress

from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone

from personas.models import Persona
from voice import gateway
from voice.agents import baselines, definitions, workspace
from voice.claims import claimed
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
        Agent.objects.filter(pk=agent.pk).update(state=State.WAITING)
    if again:
        Agent.objects.filter(pk=agent.pk).update(fingerprint="")
    return agent


def sync(agent):
    """Make the other side follow this row's persona, or delete the agent when the persona is gone.

    Safe to repeat and to run twice at once: there is never a second agent. An equal fingerprint sends nothing. Raises
    Busy and Unreachable (ask again later); a refusal is kept on the row for staff and not raised.
    """
    with claimed(agent):
        agent.refresh_from_db()
        try:
            if agent.persona_id is None:
                _remove(agent)
            else:
                _follow_repairing(agent)
        except gateway.Unreachable as fault:
            _keep(agent, state=State.WAITING, problem=str(fault))
            raise
        except gateway.Refused as refusal:
            logger.warning("agent of persona %s refused: %s", agent.persona_key, refusal)
            _keep(agent, state=State.REFUSED, problem=str(refusal), restoring=False)


def waiting():
    """The rows a sync is owed to: changed and not yet followed, or left without their persona. Not those that somebody
    changed by hand on the other side: staff say whether that is adopted or overwritten."""
    return Agent.objects.filter(Q(state__in=[State.NEVER, State.WAITING, State.GONE]) | Q(persona=None))


def _follow_repairing(agent):
    """A refusal may mean that the secret or the webhook is gone on the other side: make them again, once."""
    try:
        _follow(agent)
    except gateway.Refused:
        if workspace.is_intact():
            raise
        workspace.forget()
        _follow(agent)


def _follow(agent):
    """Loop while the persona is edited under our hands; three rounds, then the next sync has it."""
    shared = workspace.prepare()
    for _ in range(3):
        persona = Persona.objects.filter(pk=agent.persona_key).first()
        if persona is None:
            return
        _follow_once(agent, persona, shared)
        fresh = Persona.objects.filter(pk=agent.persona_key).first()
        if fresh is None or definitions.fingerprint_of(fresh, shared, agent.tool_id) == agent.fingerprint:
            return


def _follow_once(agent, persona, shared):
    if (
        agent.tool_id
        and agent.elevenlabs_agent_id
        and agent.fingerprint == definitions.fingerprint_of(persona, shared, agent.tool_id)
    ):
        _keep(agent, **baselines.told(baselines.drift_of(agent)))
        return
    _look(agent)
    tool_there = _follow_tool(agent, persona, shared)
    agent_there = _follow_agent(agent, persona, shared)
    settled = baselines.settled(agent, definitions.agent(persona, shared, agent.tool_id), agent_there, tool_there)
    fingerprint = definitions.fingerprint_of(persona, shared, agent.tool_id)
    _keep(agent, **settled, fingerprint=fingerprint, synced_at=timezone.now())
    synced.send(Agent, agent=agent, agent_there=agent_there, tool_there=tool_there)


def _look(agent):
    """What was changed by hand since the last look, so that sending ours does not hide what it leaves as it is."""
    if agent.baseline and agent.elevenlabs_agent_id and agent.tool_id:
        with suppress(gateway.Gone):
            there, tool_there = gateway.agent(agent.elevenlabs_agent_id), gateway.tool(agent.tool_id)
            pictures = baselines.picture_agent(there), baselines.picture_tool(tool_there)
            drift, baseline = baselines.compare_to_baseline(agent, *pictures)
            _keep(agent, drift=[one.as_json() for one in drift], baseline=baseline)


def _follow_tool(agent, persona, shared):
    """Make or change the tool. Gives it as it stands on the other side."""
    definition = definitions.tool(persona, shared)
    if agent.tool_id:
        try:
            return gateway.update_tool(agent.tool_id, definition)
        except gateway.Gone:
            agent.tool_id = ""
    known = [row["id"] for row in gateway.tools_named(definitions.TOOL_NAME) if _is_tool_of(row, persona)]
    for extra in known[1:]:
        gateway.delete_tool(extra)
    there = gateway.update_tool(known[0], definition) if known else gateway.create_tool(definition)
    _keep(agent, tool_id=there["id"])
    return there


def _is_tool_of(row, persona):
    return definitions.persona_of(row["tool_config"]) == str(persona.pk)


def _follow_agent(agent, persona, shared):
    """Update it; when it is gone, or was never heard of, adopt what a lost create left behind, else create. Gives it as
    it stands on the other side."""
    definition = baselines.restored(agent, definitions.agent(persona, shared, agent.tool_id))
    if agent.elevenlabs_agent_id:
        try:
            return gateway.update_agent(agent.elevenlabs_agent_id, definition)
        except gateway.Gone:
            logger.warning("agent %s is gone on the other side; making it again", agent.elevenlabs_agent_id)
            _keep(agent, elevenlabs_agent_id="", fingerprint="", baseline={}, drift=[], state=State.GONE)
            definition = definitions.agent(persona, shared, agent.tool_id)
    behind = left_behind(persona.pk, shared.installation)
    for extra in behind[1:]:
        gateway.delete_agent(extra)
    if behind:
        there = gateway.update_agent(behind[0], definition)
        _keep(agent, elevenlabs_agent_id=behind[0])
        return there
    _keep(agent, elevenlabs_agent_id=gateway.create_agent(definition))
    return gateway.agent(agent.elevenlabs_agent_id)  # a create gives back nothing but the id


def left_behind(persona_key, installation):
    """Ids of the agents that this installation made for that persona, oldest first."""
    ours, whose = definitions.tags(persona_key, installation)
    return [agent_id for agent_id, tags in gateway.agents_tagged(whose) if ours in tags]


def _remove(agent):
    """The persona is gone: its agent and tool follow, then the row. Also what a lost create left behind."""
    behind = left_behind(agent.persona_key, workspace.last_known().installation)
    for agent_id in {agent.elevenlabs_agent_id, *behind} - {""}:
        gateway.delete_agent(agent_id)
    if agent.tool_id:
        gateway.delete_tool(agent.tool_id)
    Agent.objects.filter(pk=agent.pk).delete()


def _keep(agent, **fields):
    """Save only these fields: staff may be looking at, or noting, others at the same time."""
    for name, value in fields.items():
        setattr(agent, name, value)
    Agent.objects.filter(pk=agent.pk).update(**fields)
