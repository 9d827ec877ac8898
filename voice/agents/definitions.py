"""What a persona looks like as an ElevenLabs agent and tool. Pure: the same persona gives the same definition.

Field names, defaults and ranges are those of ``POST /v1/convai/agents/create`` and ``POST /v1/convai/tools`` as typed by
the official SDK 2.78.0 (``ConversationalConfig``, ``AgentPlatformSettingsRequestModel``, ``WebhookToolConfigInput``).
"""

import hashlib
import json
from dataclasses import dataclass

from django.conf import settings

from voice.agents.differences import flat
from voice.agents.prompts import TOOL_NAME, prompt

# The variable that comes with a phone call and back with its tool calls, and what it says in every other conversation.
REFERENCE, NO_CALL = "call_reference", "none"
COUNTDOWN = 20  # seconds for which a page says that the call is about to end, once nobody has spoken or typed
# Without a list of their own, agents made over the API were seen to send no transcripts and no tool events.
CLIENT_EVENTS = [
    "conversation_initiation_metadata", "ping", "audio", "interruption", "user_transcript", "agent_response",
    "agent_response_correction", "agent_chat_response_part", "client_tool_call", "agent_tool_request",
    "agent_tool_response", "client_error",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shared:
    """What all agents of this installation have in common on the other side."""

    installation: str
    secret_id: str
    webhook_id: str
    called: frozenset = frozenset()
    """Ids of the personas that answer a phone number."""
    commands: tuple = ()
    """Ids of the tools of the commands."""


def tags(persona_key, installation):
    """The tags by which a create whose answer was lost is found again, and by which ours are told from others'."""
    return [f"clone-advisor:{installation}", f"persona:{persona_key}"]


def tool(persona, shared):
    """The webhook tool of one persona. The model fills in the query and nothing else: the persona is a constant."""
    body = {
        "type": "object",
        "description": "A question to look up in the documents.",
        "required": ["function_name", "parameters", "conversation_id"],
        "properties": {
            "function_name": {"type": "string", "constant_value": TOOL_NAME},
            "parameters": {
                "type": "object",
                "description": "What to look up.",
                "required": ["query", "persona_id"],
                "properties": {
                    "query": {"type": "string", "description": "The visitor's question as one complete sentence."},
                    "persona_id": {"type": "string", "constant_value": str(persona.pk)},
                },
            },
            "conversation_id": {"type": "string", "dynamic_variable": "system__conversation_id"},
        },
    }
    by_phone = {}
    if persona.pk in shared.called:
        body["properties"]["call"] = {"type": "string", "dynamic_variable": REFERENCE}
        by_phone = {"dynamic_variables": {"dynamic_variable_placeholders": {REFERENCE: NO_CALL}}}
    return {
        "tool_config": {
            **by_phone,
            "type": "webhook",
            "name": TOOL_NAME,
            "description": "Looks up the answer to a question in this persona's documents. Use it for every question about facts.",
            "response_timeout_secs": 8,
            "pre_tool_speech": "auto",
            "interruption_mode": "allow",
            "execution_mode": "immediate",
            "tool_error_handling_mode": "hide",
            "api_schema": {
                "url": f"{settings.PUBLIC_URL}/elevenlabs/function-call",
                "method": "POST",
                "content_type": "application/json",
                "request_headers": {"X-Service-Token": {"secret_id": shared.secret_id}},
                "request_body_schema": body,
                # Citations are for the page; the model reads only what may be said.
                "response_filter": {"mode": "allow", "filters": ["result.content"], "content_type": "application/json"},
            },
        }
    }


def agent(persona, shared, tool_id):
    """The agent of one persona, ready to be created or updated."""
    return {
        "name": persona.name,
        "tags": tags(persona.pk, shared.installation),
        "conversation_config": _conversation(persona, shared, tool_id),
        "platform_settings": _platform(persona, shared),
    }


def _conversation(persona, shared, tool_id):
    """How it talks."""
    return {
        "agent": {
            "first_message": persona.first_message,
            "language": persona.language,
            "prompt": {
                "prompt": prompt(persona),
                "llm": settings.ELEVENLABS_LLM,
                "temperature": 0.0,
                "tool_ids": [tool_id, *shared.commands],
                "built_in_tools": _built_in_tools(persona),
            },
        },
        "tts": _tts(persona),
        "turn": {"silence_end_call_timeout": _silence()},
        "conversation": {
            "text_only": False,
            "max_duration_seconds": settings.VOICE_MAX_SECONDS,
            "client_events": CLIENT_EVENTS,
        },
        "language_presets": {code: {"overrides": {}} for code in persona.languages[1:]},
    }


def _platform(persona, shared):
    """Who may open it and with what changed, what is kept, and who is told."""
    return {
        # Only a signed address of ours opens a conversation.
        "auth": {"enable_auth": True},
        # Every override the page sends must be allowed here, or the socket closes with 1008; and no others are.
        "overrides": {
            "conversation_config_override": {
                "agent": {
                    "language": len(persona.languages) > 1,
                    # A call that goes on after a drop does not greet again; one by phone may begin otherwise.
                    "first_message": True,
                },
                "tts": {"speed": True},
                "conversation": {"text_only": True},
            },
            "enable_conversation_initiation_client_data_from_webhook": persona.pk in shared.called,
        },
        "call_limits": {"agent_concurrency_limit": settings.VOICE_MAX_SESSIONS, "bursting_enabled": False},
        "privacy": {"retention_days": settings.ELEVENLABS_RETENTION_DAYS, "record_voice": True},
        "workspace_overrides": {
            "webhooks": {"post_call_webhook_id": shared.webhook_id, "events": _events(persona, shared)},
            **(_called_back(shared) if persona.pk in shared.called else {}),
        },
        "evaluation": {"criteria": [_criterion(persona)]},
    }


def _silence():
    """Seconds without a word after which ElevenLabs hangs up by itself; -1 is never. Pages count down and end the call a
    little sooner, with a sentence; this is for phones, and for pages that fell asleep."""
    return settings.VOICE_IDLE_SECONDS + COUNTDOWN + 10 if settings.VOICE_IDLE_SECONDS else -1


def _events(persona, shared):
    """What is reported. A phone call that could not begin has no transcript, and would hold its line."""
    return ["transcript", *(["call_initiation_failure"] if persona.pk in shared.called else [])]


def _called_back(shared):
    """Who is asked before a phone call begins."""
    webhook = {
        "url": f"{settings.PUBLIC_URL}/elevenlabs/conversation-start",
        "request_headers": {"X-Service-Token": {"secret_id": shared.secret_id}},
    }
    return {"conversation_initiation_client_data_webhook": webhook}


def _tts(persona):
    """English agents must use a v2 model, other languages v2_5: ElevenLabs refuses the wrong pair."""
    voice = {"voice_id": persona.voice_id} if persona.voice_id else {}
    return {
        "model_id": "eleven_flash_v2" if persona.language == "en" else "eleven_flash_v2_5",
        **voice,
        "agent_output_audio_format": "pcm_16000",
        "stability": persona.stability,
        "similarity_boost": persona.similarity_boost,
        "speed": persona.speed,
    }


def _built_in_tools(persona):
    """None takes a tool away: what is only left out of an update stays as it was."""
    wanted = {"end_call": True, "language_detection": len(persona.languages) > 1}
    return {
        name: {"type": "system", "name": name, "params": {"system_tool_type": name}} if on else None
        for name, on in wanted.items()
    }


def _criterion(persona):
    beyond = (
        "" if persona.keeps_to_documents else ", or what it said of its own knowledge did not contradict the documents"
    )
    return {
        "id": "answered",
        "name": "Answered from the documents",
        "type": "prompt",
        "conversation_goal_prompt": "Every question about facts got an answer that the tool returned, or an honest "
        f"statement that the documents do not hold it{beyond}.",
    }


def fingerprint(*parts):
    """SHA-256 over the definitions as canonical JSON: equal means there is nothing to send."""
    canonical = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def fingerprint_of(persona, shared, tool_id):
    """Of the whole that a sync sends for this persona."""
    return fingerprint(tool(persona, shared), agent(persona, shared, tool_id))


def sets(persona, shared, path):
    """Whether the persona's agent says itself what stands at this path of an agent's picture."""
    wanted = flat(agent(persona, shared, ""))
    names = path.split(".")
    above = [".".join(names[:depth]) for depth in range(1, len(names))]
    return wanted.get(path, {}) != {} or any(wanted.get(one, {}) is None for one in above)


def persona_of(tool_config):
    """The persona that a tool of our kind asks for, as text; "" of any other."""
    schema = (tool_config.get("api_schema") or {}).get("request_body_schema") or {}
    parameters = (schema.get("properties") or {}).get("parameters") or {}
    constant = (parameters.get("properties") or {}).get("persona_id") or {}
    return constant.get("constant_value") or ""


def secret_of(tool_config):
    """The id of the secret that a tool sends as its token; "" when it sends none."""
    header = ((tool_config.get("api_schema") or {}).get("request_headers") or {}).get("X-Service-Token")
    return header.get("secret_id") or "" if isinstance(header, dict) else ""
