"""Bodies without a length. ElevenLabs' audio webhook is chunked, and Django under WSGI reads only Content-Length bytes:
the body would look empty and its signature wrong (seen with gunicorn and granian)."""

import tempfile

MAX_BYTES = 30 * 1024 * 1024
PIECE = 64 * 1024


def with_length(application):
    """Wrap a WSGI application: a chunked body is read, up to 30 MB, and handed on with its length."""

    def wrapped(environ, start_response):
        chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        if not chunked or environ.get("CONTENT_LENGTH"):
            return application(environ, start_response)
        with tempfile.SpooledTemporaryFile(max_size=1024 * 1024) as body:
            length = _copy(environ["wsgi.input"], body)
            body.seek(0)
            return application({**environ, "wsgi.input": body, "CONTENT_LENGTH": str(length)}, start_response)

    return wrapped


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
