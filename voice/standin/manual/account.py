"""The workspace: settings, webhooks, voices, models, user."""

from voice.standin.manual.page import BAD_PAGE, Page, missing

WEBHOOK = "/v1/workspace/webhooks"

PAGES = {
    "GET /v1/convai/settings": Page(
        "What holds for all agents: the post-call webhook and its events, the conversation-initiation webhook.",
        "conversational_ai.settings.get",
    ),
    "PATCH /v1/convai/settings": Page(
        "Lays what is given over the settings.",
        "conversational_ai.settings.update",
        "webhooks (post_call_webhook_id, events, transcript_format, exclude_transcript), "
        "conversation_initiation_client_data_webhook (url, request_headers), can_use_mcp_servers, rag_retention_period_days (at most "
        "30), conversation_embedding_retention_days, default_livekit_stack",
        ("404 webhook_not_found: a webhook nobody knows", "422: an unknown event or a number out of range"),
        {"webhooks": {"post_call_webhook_id": "{webhook_id}", "events": ["transcript"]}},
    ),
    "GET /v1/convai/analytics/live-count": Page(
        "How many calls are under way.",
        "conversational_ai.analytics.live_count.get",
        "agent_id, agent_ids (repeated)",
    ),
    "GET /v1/convai/llm/list": Page("Some language models; none of them is there.", "conversational_ai.llm.list"),
    "GET /v2/voices": Page(
        "A page of the account's seven voices.",
        "voices.search",
        "page_size (1 to 100, 10 unless given), next_page_token, search, sort (name), sort_direction (asc, desc), voice_type, "
        "category, voice_ids (repeated)",
        (BAD_PAGE,),
        query="search=sarah",
    ),
    "GET /v1/voices": Page("All voices at once.", "voices.get_all"),
    "GET /v1/voices/{voice_id}": Page(
        "One voice; its preview_url plays, to everybody.", "voices.get", "", (missing("voice"),)
    ),
    "GET /v1/user": Page(
        "The account, with the number of calls it may have at the same time (subscription_extras.convai_concurrency).",
        "user.get",
    ),
    "GET /v1/user/subscription": Page("Credits used and left, and when they begin anew.", "user.subscription.get"),
    "POST /v1/workspace/analytics/query/usage-by-product-over-time": Page(
        "Credits of the calls on record, in days or other steps, as rows under columns.",
        "workspace.usage.get_usage_by_product_over_time",
        "start_time, end_time (required, in milliseconds, from 2020 on), interval_seconds (86400 unless given), group_by, filters "
        "(taken, and nothing follows), time_zone",
        ("422: a field is missing, too early, or a word nobody knows",),
        {"start_time": 1_600_000_000_000, "end_time": 1_600_086_400_000, "group_by": ["product_type"]},
    ),
    f"POST {WEBHOOK}": Page(
        "Makes a webhook. Its secret stands in this answer and never again.",
        "webhooks.create",
        "settings (required: auth_type hmac, name, webhook_url; also request_headers)",
        ("422: a field is missing, or the address is none",),
        {"settings": {"auth_type": "hmac", "name": "Reports", "webhook_url": "https://example.org/report"}},
    ),
    f"GET {WEBHOOK}": Page(
        "Every webhook with its state: disabled by hand or by itself, its latest failure.",
        "webhooks.list",
        "include_usages",
        query="include_usages=true",
    ),
    f"PATCH {WEBHOOK}/{{webhook_id}}": Page(
        "Changes a webhook; enabling it also ends an automatic disabling.",
        "webhooks.update",
        "is_disabled (required), name (required), retry_enabled, request_headers, events",
        (missing("webhook"), "422: a field is missing"),
        {"is_disabled": False, "name": "Reports", "retry_enabled": True},
    ),
    f"DELETE {WEBHOOK}/{{webhook_id}}": Page(
        "Deletes it; whatever named it names none any more.", "webhooks.delete", "", (missing("webhook"),)
    ),
}
