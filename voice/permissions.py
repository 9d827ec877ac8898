"""The doorman for machines. There is no user behind these doors, only a proof."""

import hashlib
import hmac
import logging
import time

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import BasePermission

from knowledge import notices
from voice import tokens
from voice.agents import workspace

logger = logging.getLogger(__name__)

TOLERANCE_SECONDS = 30 * 60  # what ElevenLabs' own SDK allows; ours holds in both directions


class ServiceTokenAuthentication(BaseAuthentication):
    """Proves nothing by itself; it makes a refusal a 401 that names the header."""

    def authenticate(self, request):
        return None

    def authenticate_header(self, request):
        return 'X-Service-Token realm="tool calls"'


class SignatureAuthentication(ServiceTokenAuthentication):
    """The same for reports, whose proof is over their bytes."""

    def authenticate_header(self, request):
        return 'ElevenLabs-Signature realm="reports"'


class HasServiceToken(BasePermission):
    """The secret header of our tools. Touches no database and no Redis; an empty setting lets nobody in."""

    def has_permission(self, request, view):
        given = request.META.get("HTTP_X_SERVICE_TOKEN", "").encode()  # request.headers would read all the others, too
        if not given:
            raise NotAuthenticated("The header X-Service-Token is missing.")
        # Every live token is compared, so that the time taken does not tell which one it was.
        fitting = [token for token in tokens.live() if hmac.compare_digest(given, token.encode())]
        if not fitting:
            notices.warn(logger, "token", "A call with a wrong X-Service-Token was refused.")
            raise AuthenticationFailed("This X-Service-Token is not one of ours.")
        tokens.note(fitting[0])
        return True


def is_signed(body, header, *, now=None):
    """Whether the body carries a signature of ours that was made within half an hour from now, either way."""
    signed = signed_at(body, header)
    return signed is not None and is_fresh(signed, now=now)


def signed_at(body, header):
    """When ``ElevenLabs-Signature: t=…,v0=…`` was made, in Unix seconds; None unless it is an HMAC-SHA256 over ``t.body``
    with one of our live secrets.

    ``body`` are the raw bytes. Constant time; several v0 are tried. Says nothing about how old it is (the official SDK's
    check accepts any future time, compares with ``!=`` and fails on a t that is no number).
    """
    timestamp, signatures = _parts(header)
    if timestamp is None or not signatures:
        return None
    message = str(timestamp).encode() + b"." + body
    wanted = [hmac.new(secret.encode(), message, hashlib.sha256).hexdigest() for secret in workspace.webhook_secrets()]
    pairs = [(given, digest) for given in signatures for digest in wanted]
    found = any([hmac.compare_digest(given.encode(), digest.encode()) for given, digest in pairs])  # noqa: C419
    return timestamp if found else None


def is_fresh(timestamp, *, now=None):
    """Whether a signature of that time is still to be believed."""
    return abs((now or time.time()) - timestamp) <= TOLERANCE_SECONDS


def _parts(header):
    """(timestamp, [signatures]) of the header; (None, []) when it is not of the form."""
    timestamp, signatures = None, []
    for part in header.split(",")[:10]:
        name, _, value = part.strip().partition("=")
        if name == "t" and value.isascii() and value.isdigit() and len(value) <= 12:
            timestamp = int(value)
        elif name == "v0":
            signatures.append(value)
    return timestamp, signatures
