"""Every fault of the other side by the name of what the caller does next.

GatewayError
├── Unreachable    no answer, or a passing fault: worth asking again
└── Refused        a clear no: asking again will not help
    ├── Gone       what was named does not exist on the other side (any more)
    └── Denied     the key is wrong, or may not do this
"""

import email.utils
import math
import time

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

LONGEST_WAIT = 3600  # of a Retry-After; what asks for more is obeyed for an hour
PASSING = (408, 409, 425, 429)
# The header by which ElevenLabs' support finds a request; newer errors carry it in their body, too.
REQUEST_ID = ("request-id", "x-request-id", "x-trace-id")


class GatewayError(Exception):
    """ElevenLabs did not do what was asked. ``str()`` is a sentence for staff, without the key."""


class Unreachable(GatewayError):
    """No answer, or a passing fault: worth asking again. ``retry_after`` is in seconds when they named it, ``status``
    theirs; ``held`` when we did not ask at all, because they had told us to wait."""

    def __init__(self, message, retry_after=None, status=None, held=False):
        super().__init__(message)
        self.retry_after, self.status, self.held = retry_after, status, held


class Refused(GatewayError):
    """A clear no: asking again will not help. ``code`` is theirs, such as missing_permissions, or ''."""

    def __init__(self, message, code=""):
        super().__init__(message)
        self.code = code


class Gone(Refused):
    """What was named does not exist on the other side."""


class Denied(Refused):
    """The key is wrong, or may not do this."""


def translated(fault):
    """Whatever the SDK or its HTTP client raised, as a GatewayError."""
    if isinstance(fault, GatewayError):
        return fault
    if isinstance(fault, httpx.LocalProtocolError | UnicodeEncodeError):
        return Denied(
            _("ELEVENLABS_API_KEY has a character in it that no key has. Copy it again, without spaces or line ends."),
            "invalid_api_key",
        )
    if isinstance(fault, httpx.TimeoutException):
        return Unreachable(_("ElevenLabs did not answer in time ({fault}).").format(fault=type(fault).__name__))
    if isinstance(fault, httpx.HTTPError):
        return Unreachable(
            _("ElevenLabs cannot be reached at {elevenlabs_url} ({fault}). Check the network.").format(
                elevenlabs_url=settings.ELEVENLABS_URL, fault=type(fault).__name__
            )
        )
    return _by_status(fault)


def _by_status(fault):
    """The SDK's ApiError by its status; anything else (an answer that is not JSON) counts as a passing fault."""
    status = getattr(fault, "status_code", None)
    if status is None:
        return Unreachable(
            _("ElevenLabs gave an answer that could not be read ({fault}).").format(fault=type(fault).__name__)
        )
    headers = {name.lower(): value for name, value in (fault.headers or {}).items()}
    said = _("ElevenLabs answered {status}: {reason}{request}").format(
        status=status, reason=_masked(_reason(fault.body)), request=_request_id(fault.body, headers)
    )
    code = _code(fault.body)
    if status < 400 or status in PASSING or status >= 500:
        return Unreachable(said, retry_after=seconds_asked(headers.get("retry-after")), status=status)
    if status in (401, 403):
        return Denied(_("{said} Check ELEVENLABS_API_KEY and what the key may do.").format(said=said), code)
    return Gone(said, code) if status == 404 else Refused(said, code)


def seconds_asked(value):
    """Seconds of a Retry-After, which is a number of them or a date (RFC 9110, 10.2.3); None when it is neither."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        moment = email.utils.parsedate_tz(value)
        if moment is None:
            return None
        seconds = email.utils.mktime_tz(moment) - time.time()
    return min(max(seconds, 0.0), LONGEST_WAIT) if math.isfinite(seconds) else None


def _reason(body):
    """Theirs, in one line; the three shapes are in ElevenLabs' error pages and FastAPI's 422."""
    detail = _detail(body)
    if isinstance(detail, dict):
        detail = detail.get("message") or detail.get("status") or detail
    if isinstance(detail, list):
        detail = "; ".join(f"{'.'.join(map(str, item.get('loc', [])))}: {item.get('msg', '')}" for item in detail[:5])
    return str(detail)[:500]


def _detail(body):
    return body.get("detail", body) if isinstance(body, dict) else body


def _code(body):
    detail = _detail(body)
    return str(detail.get("code") or detail.get("status") or "") if isinstance(detail, dict) else ""


def _request_id(body, headers):
    detail = _detail(body)
    named = detail.get("request_id") if isinstance(detail, dict) else ""
    found = named or next((headers[name] for name in REQUEST_ID if headers.get(name)), "")
    return f" (request {str(found)[:80]})" if found else ""


def _masked(text):
    """What they say may repeat our key: its last four characters tell which one it is."""
    key = settings.ELEVENLABS_API_KEY
    return text.replace(key, f"…{key[-4:]}" if len(key) > 8 else "…") if key else text
