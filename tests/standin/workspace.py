"""A workspace of the stand-in, filled through the official Python SDK: agents, tools, and what became of a call."""

import copy
import time

from elevenlabs import ElevenLabs

from voice.standin.definitions import merge

EVENTS = [
    "conversation_initiation_metadata",
    "audio",
    "interruption",
    "ping",
    "user_transcript",
    "agent_response",
    "agent_response_correction",
    "agent_chat_response_part",
    "client_tool_call",
    "agent_tool_request",
    "agent_tool_response",
    "client_error",
]
WEBHOOK_TOOL = {
    "type": "webhook",
    "name": "query_knowledge",
    "description": "Looks things up.",
    "response_timeout_secs": 5,
    "api_schema": {
        "url": "",
        "method": "POST",
        "request_headers": {},
        "request_body_schema": {
            "type": "object",
            "properties": {
                "function_name": {"type": "string", "constant_value": "query_knowledge"},
                "conversation_id": {"type": "string", "dynamic_variable": "system__conversation_id"},
                "parameters": {
                    "type": "object",
                    "properties": {
                        "query": {"type": "string", "description": "What the visitor wants to know."},
                        "persona_id": {"type": "string", "constant_value": "persona-1"},
                    },
                },
            },
        },
        "response_filter": {"mode": "allow", "filters": ["result.content"]},
    },
}
CLIENT_TOOL = {"type": "client", "description": "Runs on the client.", "expects_response": True}
END_CALL = {"end_call": {"name": "end_call", "params": {"system_tool_type": "end_call"}}}


class Workspace:
    """One workspace at the stand-in's address. `client` is the official SDK, unchanged; `api` its agents' part."""

    def __init__(self, url: str):
        self.url = url
        self.client = ElevenLabs(base_url=url, api_key="any key")
        self.api = self.client.conversational_ai

    def agent(self, config=None, platform=None, tools=(), name="Lamps", can_hang_up=False) -> str:
        """The id of a new agent that greets with "Ask me."; the first two are laid over its settings trees."""
        built_in = END_CALL if can_hang_up else {}
        prompt = {"prompt": "Answer.", "tool_ids": [tool.id for tool in tools], "built_in_tools": built_in}
        base = {"agent": {"first_message": "Ask me.", "prompt": prompt}, "conversation": {"client_events": EVENTS}}
        base["turn"] = {"turn_timeout": -1}
        created = self.api.agents.create(
            name=name, conversation_config=merge(base, config or {}), platform_settings=platform or {}
        )
        return created.agent_id

    def tool(self, address: str, **changes):
        """A new webhook tool at an address; `changes` are laid over its configuration."""
        config = merge(copy.deepcopy(WEBHOOK_TOOL), {"api_schema": {"url": address}})
        return self.api.tools.create(request={"tool_config": merge(config, changes)})

    def client_tool(self, name: str, **changes):
        """A new tool that the client runs, whose answer the agent waits for."""
        return self.api.tools.create(request={"tool_config": {**CLIENT_TOOL, "name": name, **changes}})

    def signed_url(self, agent_id: str, **named) -> str:
        """An address to open a conversation at."""
        return self.api.conversations.get_signed_url(agent_id=agent_id, **named).signed_url

    def finished(self, conversation_id: str, seconds: float = 20):
        """A conversation's record, as soon as the call is over and analysed."""
        until = time.monotonic() + seconds
        while (record := self.api.conversations.get(conversation_id)).status not in ("done", "failed"):
            assert time.monotonic() < until, f"still {record.status}"
            time.sleep(0.05)
        return record
