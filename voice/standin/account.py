"""The account over REST: user, subscription, workspace settings, language models, calls under way."""

import time

from starlette.requests import Request
from starlette.responses import JSONResponse

from voice.standin import definitions
from voice.standin import validation as v
from voice.standin.errors import refused
from voice.standin.events import WEBHOOK_EVENTS

MODERATION = {
    "is_in_probation": False,
    "enterprise_check_nogo_voice": False,
    "enterprise_check_block_nogo_voice": False,
    "never_live_moderate": False,
    "nogo_voice_similar_voice_upload_count": 0,
    "enterprise_background_moderation_enabled": False,
    "is_ivc_captcha_required": False,
    "on_watchlist": False,
}
INVOICES = ("next_invoice", "open_invoices", "has_open_invoices")  # told by GET /v1/user/subscription alone
SETTINGS_RULES = {
    "webhooks": v.mapping,
    "webhooks.post_call_webhook_id": v.text(),
    "webhooks.events": v.sequence(),
    "webhooks.events.*": v.one_of(*WEBHOOK_EVENTS),
    "webhooks.transcript_format": v.one_of("json", "opentelemetry"),
    "conversation_initiation_client_data_webhook": v.mapping,
    "conversation_initiation_client_data_webhook.url": v.text(pattern=r"^https?://"),
    "conversation_initiation_client_data_webhook.request_headers": v.mapping,
    "rag_retention_period_days": v.number(0, 30, whole=True),
}
MODELS = (
    "gemini-2.5-flash",
    "gemini-2.5-flash-lite",
    "gpt-4.1-mini",
    "gpt-4.1",
    "gpt-4o-mini",
    "claude-sonnet-4-5",
    "custom-llm",
)
SETTINGS = {
    "conversation_initiation_client_data_webhook": None,
    "webhooks": {"post_call_webhook_id": None, "events": ["transcript"], "transcript_format": "json"},
    "can_use_mcp_servers": False,
    "rag_retention_period_days": 10,
    "conversation_embedding_retention_days": None,
    "default_livekit_stack": "standard",
}


async def get_subscription(request: Request) -> JSONResponse:
    """GET /v1/user/subscription."""
    return JSONResponse(_subscription(request.app.state.standin.limits))


async def get_user(request: Request) -> JSONResponse:
    """GET /v1/user: the only place that tells how many calls may run at the same time."""
    limits = request.app.state.standin.limits
    used = limits.credits_used
    usage = {
        "rollover_credits_quota": 0,
        "subscription_cycle_credits_quota": limits.credits,
        "manually_gifted_credits_quota": 0,
        "rollover_credits_used": 0,
        "subscription_cycle_credits_used": used,
        "manually_gifted_credits_used": 0,
        "paid_usage_based_credits_used": 0,
        "actual_reported_credits": used,
    }
    extras = {
        "concurrency": 10,
        "convai_concurrency": limits.concurrency,
        "force_logging_disabled": False,
        "can_request_manual_pro_voice_verification": False,
        "can_bypass_voice_captcha": False,
        "moderation": MODERATION,
        "usage": usage,
    }
    user = {
        "user_id": "user_standin",
        "workspace_id": "workspace_standin",
        "subscription": {name: value for name, value in _subscription(limits).items() if name not in INVOICES},
        "subscription_extras": extras,
        "is_new_user": False,
        "can_use_delayed_payment_methods": False,
        "is_onboarding_completed": True,
        "is_onboarding_checklist_completed": True,
        "first_name": "Stand-in",
        "created_at": 1700000000,
        "seat_type": "workspace_admin",
    }
    return JSONResponse(user)


async def get_settings(request: Request) -> JSONResponse:
    """GET /v1/convai/settings."""
    return JSONResponse(definitions.merge(SETTINGS, request.app.state.standin.store.settings))


async def update_settings(request: Request) -> JSONResponse:
    """PATCH /v1/convai/settings."""
    body, store = await v.read_json(request), request.app.state.standin.store
    v.check(body, SETTINGS_RULES)
    webhook_id = (body.get("webhooks") or {}).get("post_call_webhook_id")
    if webhook_id and webhook_id not in store.webhooks:
        raise refused(404, "webhook_not_found", f"Webhook with ID '{webhook_id}' not found.")
    store.settings.update(definitions.merge(store.settings, body))
    store.touch()
    return await get_settings(request)


async def count_live(request: Request) -> JSONResponse:
    """GET /v1/convai/analytics/live-count."""
    wanted = {*request.query_params.getlist("agent_ids"), *request.query_params.getlist("agent_id")}
    calls = request.app.state.standin.calls.values()
    return JSONResponse({"count": sum(1 for call in calls if not wanted or call.agent["agent_id"] in wanted)})


async def list_models(_request: Request) -> JSONResponse:
    """GET /v1/convai/llm/list."""
    described = [
        {
            "llm": name,
            "is_checkpoint": False,
            "max_tokens_limit": 65536,
            "max_context_limit": 1048576,
            "supports_image_input": False,
            "supports_document_input": False,
            "supports_parallel_tool_calls": True,
            "available_reasoning_efforts": None,
            "available_service_tiers": ["standard"],
            "deprecation_info": None,
        }
        for name in MODELS
    ]
    deprecation = {
        "warning_start_days": 60,
        "fallback_start_days": 14,
        "fallback_complete_days": 0,
        "fallback_start_percentage": 0,
        "fallback_complete_percentage": 100,
    }
    return JSONResponse({"llms": described, "default_deprecation_config": deprecation})


def _subscription(limits) -> dict:
    return {
        "tier": "scale",
        "character_count": limits.credits_used,
        "character_limit": limits.credits,
        "max_character_limit_extension": 0,
        "max_credit_limit_extension": 0,
        "can_extend_character_limit": False,
        "allowed_to_extend_character_limit": False,
        "next_character_count_reset_unix": (int(time.time()) // 2592000 + 1) * 2592000,
        "voice_slots_used": 0,
        "professional_voice_slots_used": 0,
        "professional_voice_slots_used_in_workspace": 0,
        "voice_limit": 660,
        "max_voice_add_edits": None,
        "voice_add_edit_counter": 0,
        "professional_voice_limit": 3,
        "can_extend_voice_limit": False,
        "can_use_instant_voice_cloning": True,
        "can_use_professional_voice_cloning": True,
        "currency": "usd",
        "current_overage": {"amount": "0", "currency": "usd"},
        "status": "active",
        "billing_period": "monthly_period",
        "character_refresh_period": "monthly_period",
        "next_invoice": None,
        "open_invoices": [],
        "has_open_invoices": False,
    }
