"""Workspace webhooks over REST: where reports of finished calls go."""

import secrets
import time

from starlette.requests import Request
from starlette.responses import JSONResponse

from voice.standin import validation as v
from voice.standin.errors import not_found
from voice.standin.paging import flag
from voice.standin.store import new_id

RULES = {
    "settings": v.mapping,
    "settings.auth_type": v.one_of("hmac"),
    "settings.name": v.text(),
    "settings.webhook_url": v.text(pattern=r"^https?://"),
    "settings.request_headers": v.mapping,
    "is_disabled": v.boolean,
    "retry_enabled": v.boolean,
    "name": v.text(),
}


async def create(request: Request) -> JSONResponse:
    """POST /v1/workspace/webhooks: the secret is shown in this answer and never again."""
    body = await v.read_json(request)
    v.check(body, RULES, required=("settings", "settings.auth_type", "settings.name", "settings.webhook_url"))
    settings = body["settings"]
    webhook = add(request.app.state.standin.store, settings["webhook_url"], name=settings["name"])
    webhook["request_headers"] = settings.get("request_headers") or {}
    return JSONResponse({"webhook_id": webhook["webhook_id"], "webhook_secret": webhook["secret"]})


async def list_webhooks(request: Request) -> JSONResponse:
    """GET /v1/workspace/webhooks."""
    store = request.app.state.standin.store
    with_usage = flag(request.query_params, "include_usages")
    return JSONResponse({"webhooks": [_describe(webhook, store, with_usage) for webhook in store.webhooks.values()]})


async def update(request: Request) -> JSONResponse:
    """PATCH /v1/workspace/webhooks/{webhook_id}; enabling it again also ends an automatic disabling."""
    webhook, body = find(request), await v.read_json(request)
    v.check(body, RULES, required=("is_disabled", "name"))
    keys = ("is_disabled", "name", "retry_enabled", "request_headers", "events")
    webhook.update({key: body[key] for key in keys if body.get(key) is not None})
    if not webhook["is_disabled"]:
        webhook.update(is_auto_disabled=False, failures=0)
    request.app.state.standin.store.touch()
    return JSONResponse({"status": "ok"})


async def delete(request: Request) -> JSONResponse:
    """DELETE /v1/workspace/webhooks/{webhook_id}; whatever named it names it no more."""
    webhook, store = find(request), request.app.state.standin.store
    for place in _places(store):
        if place.get("post_call_webhook_id") == webhook["webhook_id"]:
            place["post_call_webhook_id"] = None
    del store.webhooks[webhook["webhook_id"]]
    store.touch()
    return JSONResponse({"status": "ok"})


def add(store, url: str, name: str, secret: str = "") -> dict:
    """Keep a new webhook, with a secret of its own unless one is given."""
    webhook = {
        "webhook_id": new_id("webhook"),
        "name": name,
        "webhook_url": url,
        "secret": secret or "wsec_" + secrets.token_hex(32),
        "auth_type": "hmac",
        "is_disabled": False,
        "is_auto_disabled": False,
        "retry_enabled": False,
        "created_at_unix": int(time.time()),
        "request_headers": {},
        "events": [],
        "failures": 0,
        "last_success": 0,
        "most_recent_failure_error_code": None,
        "most_recent_failure_timestamp": None,
    }
    store.webhooks[webhook["webhook_id"]] = webhook
    store.touch()
    return webhook


def chosen_for(agent: dict | None, store) -> tuple[dict | None, dict]:
    """(webhook, its settings) for a call of this agent: the agent's own choice, else the workspace's."""
    own = ((agent or {}).get("platform_settings", {}).get("workspace_overrides") or {}).get("webhooks") or {}
    shared = store.settings.get("webhooks") or {}
    settings = own if own.get("post_call_webhook_id") else shared
    return store.webhooks.get(settings.get("post_call_webhook_id") or ""), settings


def _places(store) -> list[dict]:
    own = [a["platform_settings"].get("workspace_overrides") or {} for a in store.agents.values()]
    return [place.get("webhooks") or {} for place in own] + [store.settings.get("webhooks") or {}]


def find(request: Request) -> dict:
    """The webhook named in the path. Raises 404."""
    webhook_id = request.path_params["webhook_id"]
    webhook = request.app.state.standin.store.webhooks.get(webhook_id)
    if webhook is None:
        raise not_found("Webhook", webhook_id)
    return webhook


def _describe(webhook: dict, store, with_usage: bool | None) -> dict:
    hidden = ("secret", "failures", "last_success", "retry_enabled", "request_headers")
    shown = {key: value for key, value in webhook.items() if key not in hidden}
    if with_usage:
        names = [("ConvAI Settings", store.settings.get("webhooks") or {})]
        names += [("ConvAI Agent Settings", place) for place in _places(store)[:-1]]
        used = {name for name, place in names if place.get("post_call_webhook_id") == webhook["webhook_id"]}
        shown["usage"] = [{"usage_type": name} for name in sorted(used)]
    return shown
