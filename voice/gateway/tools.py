"""Tools, which agents call."""

import logging

from voice.gateway.asking import PAGE, Gone, ask, elevenlabs, pages

logger = logging.getLogger(__name__)


def tools_named(name):
    """[{"id", "tool_config", …}] of the tools of that very name."""
    rows = pages(elevenlabs().conversational_ai.tools.list, "tools", page_size=PAGE, search=name)
    return [row for row in rows if row["tool_config"].get("name") == name]


def create_tool(definition):
    """Make it. Gives the whole tool, its id under "id"."""
    return ask(elevenlabs().conversational_ai.tools.create, retries=0, request=definition)


def update_tool(tool_id, definition):
    """Change it. Gives the whole tool as it stands now."""
    return ask(elevenlabs().conversational_ai.tools.update, tool_id, request=definition)


def delete_tool(tool_id):
    try:
        ask(elevenlabs().conversational_ai.tools.delete, tool_id, force=True)
    except Gone:
        logger.info("tool %s was gone already", tool_id)
