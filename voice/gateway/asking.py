"""How ElevenLabs is asked: the official SDK, one time limit, every fault by the name of what the caller does next.

    GatewayError
    ├── Unreachable    no answer, or a passing fault: worth asking again
    └── Refused        a clear no: asking again will not help
        └── Gone       what was named does not exist on the other side (any more)

Creates are sent once: the SDK would repeat them on 408, 409, 429 and 5xx, and ElevenLabs has no idempotency key, so a
create whose answer was lost would leave two. Whoever creates looks first for what an earlier attempt left behind.
"""

from functools import lru_cache

import httpx
from django.conf import settings

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


@lru_cache(maxsize=2)
def _client(url, key):
    """The SDK, imported at first use: it costs half a second and 40 MB that most processes never need."""
    from elevenlabs import ElevenLabs

    return ElevenLabs(base_url=url, api_key=key, timeout=settings.ELEVENLABS_TIMEOUT_SECONDS)


def elevenlabs():
    return _client(settings.ELEVENLABS_URL, settings.ELEVENLABS_API_KEY or "stand-in")


def ask(call, *args, retries=1, **kwargs):
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


def pages(call, field, **filters):
    """Every row of a paged list."""
    cursor = None
    while True:
        page = ask(call, **filters, **({"cursor": cursor} if cursor else {}))
        yield from page.get(field) or []
        cursor = page.get("next_cursor")
        if not page.get("has_more") or not cursor:
            return
