"""What an agent consists of: defaults, ranges, and the pairs that ElevenLabs does not accept."""

import copy
import re

from voice.standin import validation as v
from voice.standin import voices
from voice.standin.errors import invalid, refused
from voice.standin.events import CLIENT_EVENTS, DEFAULT_EVENTS, WEBHOOK_EVENTS

FORMATS = ("pcm_8000", "pcm_16000", "pcm_22050", "pcm_24000", "pcm_44100", "pcm_48000", "ulaw_8000")
ENGLISH_MODELS = ("eleven_turbo_v2", "eleven_flash_v2")
OTHER_MODELS = ("eleven_turbo_v2_5", "eleven_flash_v2_5", "eleven_multilingual_v2")
ANY_MODELS = ("eleven_v3_conversational", "eleven_v4", "eleven_v4_turbo")

CONVERSATION_CONFIG = {
    "asr": {"quality": "high", "provider": "scribe_realtime", "user_input_audio_format": "pcm_16000", "keywords": []},
    "turn": {
        "turn_timeout": 7.0,
        "initial_wait_time": None,
        "silence_end_call_timeout": -1.0,
        "turn_eagerness": "normal",
        "soft_timeout_config": {"timeout_seconds": -1.0, "message": "Hhmmmm...yeah."},
    },
    "tts": {
        "model_id": "eleven_flash_v2",
        "voice_id": voices.DEFAULT,
        "agent_output_audio_format": "pcm_16000",
        "optimize_streaming_latency": 3,
        "stability": 0.5,
        "speed": 1.0,
        "similarity_boost": 0.8,
        "supported_voices": [],
        "pronunciation_dictionary_locators": [],
    },
    "conversation": {"text_only": False, "max_duration_seconds": 600, "client_events": DEFAULT_EVENTS},
    "language_presets": {},
    "agent": {
        "first_message": "",
        "language": "en",
        "disable_first_message_interruptions": False,
        "max_conversation_duration_message": "",
        "dynamic_variables": {"dynamic_variable_placeholders": {}},
        "prompt": {
            "prompt": "",
            "llm": "gemini-2.5-flash",
            "temperature": 0.0,
            "max_tokens": -1,
            "tool_ids": [],
            "built_in_tools": {},
            "mcp_server_ids": [],
            "native_mcp_server_ids": [],
            "knowledge_base": [],
            "ignore_default_personality": True,
            "rag": {"enabled": False},
        },
    },
}
PLATFORM_SETTINGS = {
    "auth": {"enable_auth": False, "allowlist": [], "require_origin_header": False, "shareable_token": None},
    "overrides": {
        "conversation_config_override": {
            "agent": {"first_message": False, "language": False, "prompt": {"prompt": False, "llm": False}},
            "tts": {"voice_id": False, "stability": False, "speed": False, "similarity_boost": False},
            "conversation": {"text_only": False},
        },
        "custom_llm_extra_body": False,
        "enable_conversation_initiation_client_data_from_webhook": False,
    },
    "call_limits": {"agent_concurrency_limit": -1, "daily_limit": 100000, "bursting_enabled": True},
    "queueing_config": {"enabled": False, "wait_timeout_seconds": 180},
    "privacy": {
        "record_voice": True,
        "retention_days": -1,
        "delete_transcript_and_pii": False,
        "delete_audio": False,
        "apply_to_existing_conversations": False,
        "zero_retention_mode": False,
    },
    "workspace_overrides": {
        "conversation_initiation_client_data_webhook": None,
        "webhooks": {"post_call_webhook_id": None, "events": ["transcript"]},
    },
    "evaluation": {"criteria": []},
    "data_collection": {},
    "widget": {"variant": "full"},
    "testing": {"attached_tests": []},
    "archived": False,
}
RULES = {
    "name": v.text(),
    "tags": v.sequence(),
    "tags.*": v.text(),
    "conversation_config": v.mapping,
    "conversation_config.asr": v.mapping,
    "conversation_config.asr.user_input_audio_format": v.one_of(*FORMATS),
    "conversation_config.asr.keywords": v.sequence(50),
    "conversation_config.turn": v.mapping,
    "conversation_config.turn.turn_timeout": v.number(-1, 30),
    "conversation_config.turn.silence_end_call_timeout": v.number(-1),
    "conversation_config.turn.turn_eagerness": v.one_of("patient", "normal", "eager"),
    "conversation_config.turn.soft_timeout_config.message": v.text(200),
    "conversation_config.tts": v.mapping,
    "conversation_config.tts.model_id": v.one_of(*ENGLISH_MODELS, *OTHER_MODELS, *ANY_MODELS),
    "conversation_config.tts.voice_id": v.text(),
    "conversation_config.tts.agent_output_audio_format": v.one_of(*FORMATS),
    "conversation_config.tts.stability": v.number(0, 1),
    "conversation_config.tts.similarity_boost": v.number(0, 1),
    "conversation_config.tts.speed": v.number(0.7, 1.2),
    "conversation_config.conversation": v.mapping,
    "conversation_config.conversation.text_only": v.boolean,
    "conversation_config.conversation.max_duration_seconds": v.number(1, whole=True),
    "conversation_config.conversation.client_events": v.sequence(),
    "conversation_config.conversation.client_events.*": v.one_of(*CLIENT_EVENTS),
    "conversation_config.agent": v.mapping,
    "conversation_config.agent.first_message": v.text(),
    "conversation_config.agent.language": v.text(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$"),
    "conversation_config.agent.dynamic_variables.dynamic_variable_placeholders": v.mapping,
    "conversation_config.agent.prompt": v.mapping,
    "conversation_config.agent.prompt.prompt": v.text(),
    "conversation_config.agent.prompt.llm": v.text(),
    "conversation_config.agent.prompt.temperature": v.number(0, 1),
    "conversation_config.agent.prompt.max_tokens": v.number(-1, whole=True),
    "conversation_config.agent.prompt.tool_ids": v.sequence(),
    "conversation_config.agent.prompt.tool_ids.*": v.text(),
    "conversation_config.agent.prompt.built_in_tools": v.mapping,
    "conversation_config.agent.prompt.mcp_server_ids": v.sequence(10),
    "platform_settings": v.mapping,
    "platform_settings.auth": v.mapping,
    "platform_settings.auth.enable_auth": v.boolean,
    "platform_settings.auth.allowlist": v.sequence(10),
    "platform_settings.auth.allowlist.*": v.mapping,
    "platform_settings.overrides": v.mapping,
    "platform_settings.overrides.conversation_config_override": v.mapping,
    "platform_settings.overrides.enable_conversation_initiation_client_data_from_webhook": v.boolean,
    "platform_settings.workspace_overrides.conversation_initiation_client_data_webhook": v.mapping,
    "platform_settings.workspace_overrides.conversation_initiation_client_data_webhook.url": v.text(
        pattern=r"^https?://"
    ),
    "platform_settings.workspace_overrides.conversation_initiation_client_data_webhook.request_headers": v.mapping,
    "platform_settings.call_limits.agent_concurrency_limit": v.number(-1, whole=True),
    "platform_settings.call_limits.daily_limit": v.number(0, whole=True),
    "platform_settings.queueing_config.wait_timeout_seconds": v.number(1, 1800),
    "platform_settings.privacy.retention_days": v.number(-1, whole=True),
    "platform_settings.privacy.record_voice": v.boolean,
    "platform_settings.workspace_overrides.webhooks.post_call_webhook_id": v.text(),
    "platform_settings.workspace_overrides.webhooks.events": v.sequence(),
    "platform_settings.workspace_overrides.webhooks.events.*": v.one_of(*WEBHOOK_EVENTS),
    "platform_settings.evaluation.criteria": v.sequence(30),
    "platform_settings.evaluation.criteria.*.conversation_goal_prompt": v.text(2000),
    "platform_settings.data_collection": v.mapping,
}


def complete(body: dict) -> dict:
    """An agent's two settings trees with every default filled in."""
    return {
        "conversation_config": merge(CONVERSATION_CONFIG, body.get("conversation_config") or {}),
        "platform_settings": merge(PLATFORM_SETTINGS, body.get("platform_settings") or {}),
    }


def merge(old: dict, new: dict) -> dict:
    """`old` with `new` laid over it: objects key by key, everything else replaced. Neither is changed."""
    merged = copy.deepcopy(old)
    for key, value in new.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else copy.deepcopy(value)
    return merged


def check_shape(body: dict, required: tuple[str, ...] = ()) -> None:
    """Raise the 422 that names what is missing, of the wrong type or out of range."""
    v.check(body, RULES, required)
    prompt = _prompt(body)
    if prompt.get("tools") and prompt.get("tool_ids"):
        raise refused(
            422, "both_tools_and_tool_ids_provided", "Cannot specify both tools and tool_ids. Please use tool_ids only."
        )
    placeholders = _agent(body).get("dynamic_variables", {}).get("dynamic_variable_placeholders") or {}
    reserved = [name for name in placeholders if re.match("system__", name)]
    if reserved:
        where = ("body", "conversation_config", "agent", "dynamic_variables", "dynamic_variable_placeholders")
        raise invalid(((*where, reserved[0]), "value_error", "Dynamic variable names must not start with 'system__'"))


def check_meaning(agent: dict, store) -> None:
    """Raise for a whole agent whose parts do not fit each other, or name what the workspace does not have."""
    tts = agent["conversation_config"]["tts"]
    language, model = agent["conversation_config"]["agent"]["language"], tts["model_id"]
    english = language.split("-")[0] == "en"
    if english and model in OTHER_MODELS:
        raise refused(400, "input_invalid", "English Agents must use turbo or flash v2.")
    if not english and model in ENGLISH_MODELS:
        raise refused(400, "input_invalid", "Non-english Agents must use turbo or flash v2_5.")
    if not voices.known(tts["voice_id"]):
        raise refused(400, "voice_not_found", f"A voice with the voice_id {tts['voice_id']} was not found.")
    for tool_id in _prompt(agent).get("tool_ids") or []:
        if tool_id not in store.tools:
            raise refused(404, "document_not_found", f"Tool with ID '{tool_id}' not found.")
    elsewhere = agent["platform_settings"].get("workspace_overrides") or {}
    initiation = elsewhere.get("conversation_initiation_client_data_webhook") or {}
    for name, value in (initiation.get("request_headers") or {}).items():
        if isinstance(value, dict) and value.get("secret_id") not in store.secrets:
            raise refused(
                404, "secret_not_found", f"Secret with ID '{value.get('secret_id')}' not found (header '{name}')."
            )
    webhooks = elsewhere.get("webhooks") or {}
    webhook_id = webhooks.get("post_call_webhook_id")
    if webhook_id and webhook_id not in store.webhooks:
        raise refused(404, "webhook_not_found", f"Webhook with ID '{webhook_id}' not found.")


def _agent(body: dict) -> dict:
    return (body.get("conversation_config") or {}).get("agent") or {}


def _prompt(body: dict) -> dict:
    return _agent(body).get("prompt") or {}
