"""How ElevenLabs is asked: the official SDK, one time limit over all of a request, a brake that all workers share.

The SDK repeats requests on 408, 409, 429 and 5xx, creates included, and sleeps up to a minute in between: ElevenLabs
has no idempotency key, so a create whose answer was lost would leave two, and nobody else would hear of the refusal. So
it repeats nothing here. Whoever asks is a task that is tried again, or a person who can.
"""

import queue
import threading
import time
from contextlib import contextmanager, nullcontext
from functools import lru_cache

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from knowledge import meters, telemetry
from voice.gateway import brake
from voice.gateway.errors import Denied, GatewayError, Gone, Refused, Unreachable, translated

__all__ = ["PAGE", "Denied", "GatewayError", "Gone", "Refused", "Unreachable", "ask", "elevenlabs", "pages"]
PAGE = 100


@lru_cache(maxsize=2)
def _client(url, key):
    """The SDK, imported at first use: it costs half a second and 40 MB that most processes never need."""
    from elevenlabs import ElevenLabs

    # No redirects: the key would go along to wherever they lead.
    http = httpx.Client(follow_redirects=False, event_hooks={"request": [_set_end], "response": [_bound]})
    return ElevenLabs(base_url=url, api_key=key, timeout=settings.ELEVENLABS_TIMEOUT_SECONDS, httpx_client=http)


def elevenlabs():
    return _client(settings.ELEVENLABS_URL, settings.ELEVENLABS_API_KEY or "stand-in")


def ask(call, *args, seconds=None, braked=True, retries=0, also=None, **kwargs):
    """One request, of at most ``seconds`` from its first look-up of a name to the last byte of its answer (settings'
    ELEVENLABS_TIMEOUT_SECONDS unless told). Gives plain dicts in place of the SDK's objects.

    Raises GatewayError. ``braked`` requests are not even sent while ElevenLabs has told us to wait; only somebody who is
    waiting at a page may pass the brake by. ``also`` are fields of the body that the SDK has no argument for.
    """
    seconds = seconds or settings.ELEVENLABS_TIMEOUT_SECONDS
    options = {"timeout_in_seconds": seconds, "max_retries": retries}
    if also:
        options["additional_body_parameters"] = also
    with _metered(call), brake.place(seconds) if braked else nullcontext():
        result = _within(seconds, lambda: call(*args, request_options=options, **kwargs))
    if not hasattr(result, "model_dump"):
        return result
    return result.model_dump(mode="json", by_alias=True, exclude_unset=True)


@contextmanager
def _metered(call):
    """How long it took, the wait for a place included, and how it ended."""
    began, outcome = time.monotonic(), "answered"
    operation = getattr(call, "__qualname__", "other")  # AgentsClient.update
    with telemetry.span(f"elevenlabs {operation}") as step:
        try:
            yield
        except GatewayError as fault:
            outcome = "held" if getattr(fault, "held", False) else type(fault).__name__.lower()
            raise
        finally:
            step.tell(outcome=outcome)
            meters.observe("gateway_request", time.monotonic() - began, operation=operation, outcome=outcome)


def _within(seconds, call):
    """The call's result. It runs on a thread that is left behind when it is late: neither looking up a name nor an answer
    that comes in drops is bounded by the timeouts of an HTTP client, which hold between two bytes."""
    brought = queue.SimpleQueue()

    def work():
        try:
            brought.put((call(), None))
        except Exception as fault:
            brought.put((None, fault))

    threading.Thread(target=work, name="elevenlabs", daemon=True).start()
    try:
        result, fault = brought.get(timeout=seconds)
    except queue.Empty as late:
        raise Unreachable(_("ElevenLabs did not answer within {seconds:g} seconds.").format(seconds=seconds)) from late
    if fault is not None:
        raise translated(fault) from fault
    return result


class _Bounded(httpx.SyncByteStream):
    """A body that ends with its request's time, so that a thread left behind does not read it for ever."""

    def __init__(self, stream, until):
        self.stream, self.until = stream, until

    def __iter__(self):
        for part in self.stream:
            if time.monotonic() > self.until:
                raise httpx.ReadTimeout(_("The answer came too slowly."))
            yield part

    def close(self):
        self.stream.close()


def _set_end(request):
    request.extensions["until"] = time.monotonic() + request.extensions["timeout"]["read"]


def _bound(response):
    response.stream = _Bounded(response.stream, response.request.extensions["until"])


def pages(call, field, **filters):
    """Every row of a paged list. The cursor alone says whether there is more: the list of secrets has no ``has_more``."""
    cursor = None
    while True:
        page = ask(call, **filters, **({"cursor": cursor} if cursor else {}))
        yield from page.get(field) or []
        cursor = page.get("next_cursor")
        if not cursor:
            return
