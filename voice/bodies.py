"""Bodies without a length. ElevenLabs' audio webhook is chunked, and Django under WSGI reads only Content-Length bytes:
the body would look empty and its signature wrong (seen with gunicorn and granian)."""

import hmac
import tempfile
import threading
from contextlib import contextmanager, nullcontext

from django.conf import settings

MAX_BYTES = 30 * 1024 * 1024
PIECE = 64 * 1024
TURN_SECONDS = 0.2
BUSY = [("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "5")]
_turn = threading.Lock()


class NotNow(Exception):
    """Somebody else's body is being read."""


@contextmanager
def in_turn():
    """Bodies of whoever has proved nothing yet are read one at a time in a process: who sends half a one, and never the
    rest, holds one of its threads and not the others. Raises NotNow."""
    if not _turn.acquire(timeout=TURN_SECONDS):
        raise NotNow
    try:
        yield
    finally:
        _turn.release()


def with_length(application):
    """Wrap a WSGI application: a chunked body is read, up to 30 MB, and handed on with its length."""

    def wrapped(environ, start_response):
        chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        if not chunked or environ.get("CONTENT_LENGTH"):
            return application(environ, start_response)
        with tempfile.SpooledTemporaryFile(max_size=1024 * 1024) as body:
            try:
                with nullcontext() if _is_proven(environ) else in_turn():
                    length = _copy(environ["wsgi.input"], body)
            except NotNow:
                start_response("503 Service Unavailable", BUSY)
                return [b"Another body is being read. Send it again."]
            body.seek(0)
            return application({**environ, "wsgi.input": body, "CONTENT_LENGTH": str(length)}, start_response)

    return wrapped


def _is_proven(environ):
    """Whether a caller of ours sends it, by the token in the head."""
    given = environ.get("HTTP_X_SERVICE_TOKEN", "").encode()
    return any([hmac.compare_digest(given, token.encode()) for token in settings.SERVICE_TOKENS if token])  # noqa: C419


def _copy(source, target):
    """Bytes copied. One byte more than allowed is taken, so that the view behind refuses the body by its size."""
    length = 0
    while length <= MAX_BYTES:
        piece = source.read(min(PIECE, MAX_BYTES + 1 - length))
        if not piece:
            break
        length += len(piece)
        target.write(piece)
    return length
