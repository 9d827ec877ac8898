"""What a client may change for one conversation: nothing that the agent's owner did not allow."""

import copy

from voice.standin.definitions import RULES, merge
from voice.standin.errors import Hangup

# In the WebSocket's schema, but without a switch in platform_settings: taken as it comes.
FREE = {("conversation", "client_events")}
KNOWN = {
    ("agent", "first_message"),
    ("agent", "language"),
    ("agent", "max_conversation_duration_message"),
    ("agent", "prompt", "prompt"),
    ("agent", "prompt", "llm"),
    ("agent", "prompt", "tool_ids"),
    ("agent", "prompt", "native_mcp_server_ids"),
    ("agent", "prompt", "knowledge_base"),
    ("tts", "model_id"),
    ("tts", "voice_id"),
    ("tts", "stability"),
    ("tts", "speed"),
    ("tts", "similarity_boost"),
    ("asr", "keywords"),
    ("conversation", "text_only"),
    ("conversation", "max_duration_seconds"),
}


def apply(agent: dict, wanted) -> dict:
    """A copy of the agent with the overrides in it. Raises Hangup 1008 for one that is not allowed, or no value at all."""
    changed = copy.deepcopy(agent)
    if not isinstance(wanted, dict):
        return changed
    platform = agent["platform_settings"]
    allowed = (platform.get("overrides") or {}).get("conversation_config_override") or {}
    for path, value in _leaves(wanted, ()):
        same = _at(agent["conversation_config"], path) == value
        if path in KNOWN and not same and _at(allowed, path) is not True:
            message = f"Override for field '{path[-1]}' is not allowed by config."
            raise Hangup(1008, message, "override_error")
        if path in KNOWN:
            _check(path, value)
        if path in KNOWN or path in FREE:
            changed["conversation_config"] = merge(changed["conversation_config"], _nest(path, value))
    if wanted.get("text_only") is True:  # where the Python SDK puts it
        changed["conversation_config"]["conversation"]["text_only"] = True
    return changed


def _check(path: tuple, value):
    """An agent's own ranges hold for what is asked of it, too. The sentence is ours: theirs was never seen."""
    check = RULES.get(".".join(("conversation_config", *path)))
    problem = check and check(value)
    if problem:
        raise Hangup(1008, f"Invalid override for field '{path[-1]}': {problem[1]}.", "override_error")


def _leaves(tree: dict, where: tuple):
    for key, value in tree.items():
        path = (*where, key)
        if isinstance(value, dict):
            yield from _leaves(value, path)
        elif value is not None:
            yield path, value


def _at(tree, path: tuple):
    for key in path:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def _nest(path: tuple, value) -> dict:
    for key in reversed(path):
        value = {key: value}
    return value
