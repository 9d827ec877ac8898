"""Everything we ask of ElevenLabs. The only room that knows their SDK; plain strings and dicts come out of it.

    GatewayError
    ├── Unreachable    no answer, or a passing fault: worth asking again
    └── Refused        a clear no: asking again will not help
        └── Gone       what was named does not exist on the other side (any more)

Creates are sent once: the SDK would repeat them on 408, 409, 429 and 5xx, and ElevenLabs has no idempotency key, so a
create whose answer was lost would leave two. Whoever creates looks first for what an earlier attempt left behind.
"""

import logging
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

import httpx
from django.conf import settings

logger = logging.getLogger(__name__)
PAGE = 100


class GatewayError(Exception):
    """ElevenLabs did not do what was asked. ``str()`` is a sentence for staff."""


class Unreachable(GatewayError):
    """No answer, or a passing fault: worth asking again. ``retry_after`` is in seconds when they named it."""

    def __init__(self, message, retry_after=None):
        super().__init__(message)
        self.retry_after = retry_after


class Refused(GatewayError):
    """A clear no: asking again will not help."""


class Gone(Refused):
    """What was named does not exist on the other side."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One of the account's voices; ``preview_url`` is a sample to play, or empty."""

    voice_id: str
    name: str
    description: str
    preview_url: str


@lru_cache(maxsize=2)
def _client(url, key):
    """The SDK, imported at first use: it costs half a second and 40 MB that most processes never need."""
    from elevenlabs import ElevenLabs

    return ElevenLabs(base_url=url, api_key=key, timeout=settings.ELEVENLABS_TIMEOUT_SECONDS)


def _elevenlabs():
    return _client(settings.ELEVENLABS_URL, settings.ELEVENLABS_API_KEY or "stand-in")


def _ask(call, *args, retries=1, **kwargs):
    """One request. Translates every fault into a GatewayError, and the SDK's objects into plain dicts."""
    options = {"timeout_in_seconds": settings.ELEVENLABS_TIMEOUT_SECONDS, "max_retries": retries}
    try:
        result = call(*args, request_options=options, **kwargs)
    except httpx.HTTPError as fault:
        raise Unreachable(f"ElevenLabs did not answer ({type(fault).__name__}).") from fault
    except Exception as fault:
        raise _translated(fault) from fault
    return (
        result.model_dump(mode="json", by_alias=True, exclude_unset=True) if hasattr(result, "model_dump") else result
    )


def _translated(fault):
    """The SDK's ApiError by its status; anything else (an answer that is not JSON) counts as a passing fault."""
    status = getattr(fault, "status_code", None)
    if status is None:
        return Unreachable(f"ElevenLabs gave an answer that could not be read ({type(fault).__name__}).")
    said = f"ElevenLabs answered {status}: {_detail(fault.body)}"
    if status < 400 or status in (408, 409, 425, 429) or status >= 500:
        headers = {name.lower(): value for name, value in (fault.headers or {}).items()}
        return Unreachable(said, retry_after=_seconds(headers.get("retry-after")))
    if status == 401:
        return Refused(f"{said} Check ELEVENLABS_API_KEY and what the key may do.")
    return Gone(said) if status == 404 else Refused(said)


def _seconds(value):
    return min(int(value), 300) if value and value.isdigit() else None


def _detail(body):
    """Their reason in one line; the three shapes are in ElevenLabs' error pages and FastAPI's 422."""
    detail = body.get("detail", body) if isinstance(body, dict) else body
    if isinstance(detail, dict):
        detail = detail.get("message") or detail.get("status") or detail
    if isinstance(detail, list):
        detail = "; ".join(f"{'.'.join(map(str, item.get('loc', [])))}: {item.get('msg', '')}" for item in detail[:5])
    return str(detail)[:500]


def _pages(call, field, **filters):
    """Every row of a paged list."""
    cursor = None
    while True:
        page = _ask(call, **filters, **({"cursor": cursor} if cursor else {}))
        yield from page.get(field) or []
        cursor = page.get("next_cursor")
        if not page.get("has_more") or not cursor:
            return


# --- voices -----------------------------------------------------------------------------------------------------------
def voices():
    """The account's voices, by name."""
    rows, token = [], None
    while True:
        page = _ask(_elevenlabs().voices.search, page_size=PAGE, **({"next_page_token": token} if token else {}))
        rows += page.get("voices") or []
        token = page.get("next_page_token")
        if not page.get("has_more") or not token:
            break
    found = [
        Voice(
            row["voice_id"],
            row.get("name") or row["voice_id"],
            row.get("description") or "",
            row.get("preview_url") or "",
        )
        for row in rows
    ]
    return sorted(found, key=lambda voice: voice.name.casefold())


# --- agents -----------------------------------------------------------------------------------------------------------
def agents_tagged(tag):
    """[(agent id, all its tags)] of the agents that carry the tag, oldest first."""
    rows = _pages(_elevenlabs().conversational_ai.agents.list, "agents", page_size=PAGE, tags=[tag])
    mine = [row for row in rows if tag in (row.get("tags") or [])]
    return [
        (row["agent_id"], row["tags"]) for row in sorted(mine, key=lambda row: row.get("created_at_unix_secs") or 0)
    ]


def create_agent(definition):
    return _ask(_elevenlabs().conversational_ai.agents.create, retries=0, **definition)["agent_id"]


def update_agent(agent_id, definition):
    _ask(_elevenlabs().conversational_ai.agents.update, agent_id, **definition)


def agent(agent_id):
    """The agent as it stands on the other side, whole."""
    return _ask(_elevenlabs().conversational_ai.agents.get, agent_id)


def delete_agent(agent_id):
    """Delete it; one that is gone already is as good as deleted."""
    try:
        _ask(_elevenlabs().conversational_ai.agents.delete, agent_id)
    except Gone:
        logger.info("agent %s was gone already", agent_id)


# --- tools ------------------------------------------------------------------------------------------------------------
def tools_named(name):
    """[{"id", "tool_config", …}] of the tools of that very name."""
    rows = _pages(_elevenlabs().conversational_ai.tools.list, "tools", page_size=PAGE, search=name)
    return [row for row in rows if row["tool_config"].get("name") == name]


def create_tool(definition):
    return _ask(_elevenlabs().conversational_ai.tools.create, retries=0, request=definition)["id"]


def update_tool(tool_id, definition):
    _ask(_elevenlabs().conversational_ai.tools.update, tool_id, request=definition)


def delete_tool(tool_id):
    try:
        _ask(_elevenlabs().conversational_ai.tools.delete, tool_id, force=True)
    except Gone:
        logger.info("tool %s was gone already", tool_id)


# --- what all agents share --------------------------------------------------------------------------------------------
def secret_named(name):
    """The id of the workspace secret of that name, or ''. Its value can never be read again."""
    rows = _pages(_elevenlabs().conversational_ai.secrets.list, "secrets", page_size=PAGE, search=name)
    return next((row["secret_id"] for row in rows if row.get("name") == name), "")


def create_secret(name, value):
    return _ask(_elevenlabs().conversational_ai.secrets.create, retries=0, name=name, value=value)["secret_id"]


def update_secret(secret_id, name, value):
    _ask(_elevenlabs().conversational_ai.secrets.update, secret_id, name=name, value=value)


def webhooks_named(name):
    """Ids of the workspace webhooks of that name."""
    rows = _ask(_elevenlabs().webhooks.list)["webhooks"] or []
    return [row["webhook_id"] for row in rows if row.get("name") == name]


def create_webhook(name, url):
    """(webhook id, secret). The secret is shown this once."""
    made = _ask(
        _elevenlabs().webhooks.create, retries=0, settings={"auth_type": "hmac", "name": name, "webhook_url": url}
    )
    return made["webhook_id"], made["webhook_secret"]


def enable_webhook_retries(webhook_id, name):
    """Ask for redelivery after our own 5xx: off by default on their side."""
    _ask(_elevenlabs().webhooks.update, webhook_id, is_disabled=False, name=name, retry_enabled=True)


def delete_webhook(webhook_id):
    try:
        _ask(_elevenlabs().webhooks.delete, webhook_id)
    except Gone:
        logger.info("webhook %s was gone already", webhook_id)


# --- conversations ----------------------------------------------------------------------------------------------------
def signed_url(agent_id):
    """(address, conversation id). The address opens one conversation within 15 minutes."""
    ask = _elevenlabs().conversational_ai.conversations.get_signed_url
    url = _ask(ask, retries=0, agent_id=agent_id, include_conversation_id=True)["signed_url"]
    conversation_id = parse_qs(urlsplit(url).query).get("conversation_id", [""])[0]
    if not conversation_id:
        raise Refused(
            "ElevenLabs gave an address without a conversation id, so its tool calls could not be told apart."
        )
    return url, conversation_id


def conversation(conversation_id):
    """The record of a conversation, whole: the same shape as a post-call report's ``data``."""
    return _ask(_elevenlabs().conversational_ai.conversations.get, conversation_id)
