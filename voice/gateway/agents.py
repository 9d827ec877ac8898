"""Agents, as ElevenLabs keeps them."""

import logging

from voice.gateway.asking import PAGE, Gone, ask, elevenlabs, pages
from voice.gateway.telling import tells

logger = logging.getLogger(__name__)


def agents_tagged(tag):
    """[(agent id, all its tags)] of the agents that carry the tag, oldest first."""
    return [(row["agent_id"], row["tags"]) for row in agent_rows(tag)]


def agent_rows(tag):
    """The agents that carry the tag, oldest first, as the list shows them: ids, names, tags, times."""
    rows = pages(elevenlabs().conversational_ai.agents.list, "agents", page_size=PAGE, tags=[tag])
    mine = [row for row in rows if tag in (row.get("tags") or [])]
    return sorted(mine, key=lambda row: row.get("created_at_unix_secs") or 0)


@tells("agent_created")
def create_agent(definition):
    return ask(elevenlabs().conversational_ai.agents.create, **definition)["agent_id"]


@tells("agent_changed")
def update_agent(agent_id, definition):
    """What is given is laid over what stands there. Returns the whole agent as it is then."""
    return ask(elevenlabs().conversational_ai.agents.update, agent_id, **definition)


def agent(agent_id):
    """The agent as it stands on the other side, whole."""
    return ask(elevenlabs().conversational_ai.agents.get, agent_id)


@tells("agent_deleted")
def delete_agent(agent_id):
    """Delete it; one that is gone already is as good as deleted."""
    try:
        ask(elevenlabs().conversational_ai.agents.delete, agent_id)
    except Gone:
        logger.info("agent %s was gone already", agent_id)
