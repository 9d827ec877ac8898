"""Dynamic variables: `{{name}}` in prompts, first messages and tools, and where their values come from."""

import json
import re
import time
from datetime import UTC, datetime

from voice.standin.errors import Hangup

NAME = re.compile(r"\{\{\s*([A-Za-z0-9_.-]+)\s*\}\}")


def fill(text: str, values: dict) -> str:
    """The text with every `{{name}}` that has a value replaced by it."""
    return NAME.sub(lambda found: _show(values[found[1]]) if found[1] in values else found[0], text)


def names_in(text: str | None) -> set[str]:
    """The variables a text names."""
    return set(NAME.findall(text or ""))


def gather(agent: dict, tools: list[dict], given: dict) -> dict:
    """Placeholders of the agent and its tools, with what the client gave laid over; `system__` cannot be given."""
    values = dict(agent["dynamic_variables"].get("dynamic_variable_placeholders") or {})
    for config in tools:
        values |= (config.get("dynamic_variables") or {}).get("dynamic_variable_placeholders") or {}
    plain = (str, int, float, bool)
    values |= {key: value for key, value in given.items() if isinstance(value, plain)}
    return {key: value for key, value in values.items() if not key.startswith("system__")}


def require(agent: dict, tools: list[dict], values: dict) -> None:
    """Raise Hangup 1008 for the first place that names variables nobody gave."""
    places = {
        "first message": names_in(agent["first_message"]),
        "prompt": names_in(agent["prompt"].get("prompt")),
        "tools": set().union(*(names_of_tool(config) for config in tools)),
    }
    for place, names in places.items():
        missing = {name for name in names if name not in values and not name.startswith(("system__", "system_env__"))}
        if missing:
            listed = "{" + ", ".join(f"'{name}'" for name in sorted(missing)) + "}"
            message = f"Missing required dynamic variables in {place}: {listed}"
            raise Hangup(1008, message, "missing_dynamic_variable")


def names_of_tool(config: dict) -> set[str]:
    """Every variable that a tool's address, headers and schemas need."""
    schema = config.get("api_schema") or {}
    names = names_in(schema.get("url"))
    for value in (schema.get("request_headers") or {}).values():
        if isinstance(value, dict) and "variable_name" in value:
            names.add(value["variable_name"])
    return names | _sources([schema.get(key) for key in schema if key.endswith("_schema")] + [config.get("parameters")])


def system(call) -> dict:
    """The variables that only the platform sets, as of now."""
    now = datetime.now(UTC)
    entries = [
        {"role": turn["role"], "message": turn["message"]} for turn in call.record["transcript"] if turn["message"]
    ]
    phone_call = call.record["metadata"]["phone_call"] or {}
    turns = sum(1 for entry in entries if entry["role"] == "agent")
    return {
        "system__agent_id": call.agent["agent_id"],
        "system__current_agent_id": call.agent["agent_id"],
        "system__conversation_id": call.id,
        "system__caller_id": phone_call.get("external_number", ""),
        "system__called_number": phone_call.get("agent_number", ""),
        "system__call_sid": phone_call.get("call_sid", ""),
        "system__call_duration_secs": int(time.monotonic() - call.started),
        "system__time_utc": now.isoformat(),
        "system__time": now.strftime("%A, %H:%M %d %B %Y"),
        "system__timezone": "UTC",
        "system__agent_turns": turns,
        "system__current_agent_turns": turns,
        "system__is_text_only": call.text_only,
        "system__conversation_history": json.dumps({"x-elevenlabs-history": True, "entries": entries}),
    }


def _sources(nodes) -> set[str]:
    found = set()
    for node in nodes:
        if isinstance(node, dict):
            if isinstance(node.get("dynamic_variable"), str) and node["dynamic_variable"]:
                found.add(node["dynamic_variable"])
            found |= _sources(node.values())
    return found


def _show(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
