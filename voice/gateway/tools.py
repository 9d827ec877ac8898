"""Tools, which agents call."""

import logging

from voice.gateway.asking import PAGE, Gone, ask, elevenlabs, pages
from voice.gateway.telling import tells

logger = logging.getLogger(__name__)


def tools_named(name):
    """[{"id", "tool_config", …}] of the tools of that very name."""
    rows = pages(elevenlabs().conversational_ai.tools.list, "tools", page_size=PAGE, search=name)
    return [row for row in rows if row["tool_config"].get("name") == name]


def tools_of(kind):
    """[{"id", "tool_config", …}] of the tools of that kind: webhook, client, …"""
    rows = pages(elevenlabs().conversational_ai.tools.list, "tools", page_size=PAGE, types=[kind])
    return [row for row in rows if row["tool_config"].get("type") == kind]


@tells("tool_created")
def create_tool(definition):
    """Make it. Gives the whole tool, its id under "id"."""
    return ask(elevenlabs().conversational_ai.tools.create, request=definition)


@tells("tool_changed")
def update_tool(tool_id, definition):
    """The configuration is replaced. Returns the whole tool as it is then."""
    return ask(elevenlabs().conversational_ai.tools.update, tool_id, request=definition)


def tool(tool_id):
    """The tool as it stands on the other side, whole."""
    return ask(elevenlabs().conversational_ai.tools.get, tool_id)


def tool_users(tool_id):
    """Ids of the agents on the other side that have the tool."""
    rows = pages(elevenlabs().conversational_ai.tools.get_dependent_agents, "agents", tool_id=tool_id, page_size=PAGE)
    return [row.get("id", "") for row in rows]


@tells("tool_deleted")
def delete_tool(tool_id, force=True):
    """Delete it, from under the agents that have it unless ``force`` is off; one that is gone already is deleted."""
    try:
        ask(elevenlabs().conversational_ai.tools.delete, tool_id, force=force)
    except Gone:
        logger.info("tool %s was gone already", tool_id)
