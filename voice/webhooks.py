"""ElevenLabs' doors. Prove, parse, one verb, answer."""

import logging

from django.db import DatabaseError
from django.db.utils import InterfaceError
from django.http import HttpResponse
from django_ratelimit.core import is_ratelimited
from redis.exceptions import RedisError
from rest_framework.exceptions import NotAuthenticated
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.response import Response
from rest_framework.views import APIView

from knowledge import meters, tracks
from voice import bodies, conversations, lines, ringing, tallies, tasks, tools
from voice.agents import workspace
from voice.models import Delivery
from voice.permissions import HasServiceToken, ServiceTokenAuthentication, SignatureAuthentication, is_fresh, signed_at
from voice.refusals import Altered, BadCall, NotTaken, TooLarge, TooMany

logger = logging.getLogger(__name__)
MAX_CALL_BYTES = 64 * 1024
MAX_RING_BYTES = 8 * 1024
RINGS = "60/m"  # a number
MAX_REPORT_BYTES = 30 * 1024 * 1024


def raw_body(request, limit):
    """The body's bytes, straight from the stream: Django's own reader stops at 2.5 MB. Raises TooLarge, BadCall."""
    if request.META.get("HTTP_CONTENT_ENCODING", "identity") not in ("", "identity"):
        raise BadCall("body: send it without compression.")
    body = request._request.read(limit + 1)
    if len(body) > limit:
        logger.warning("a body of more than %d KB was refused at %s", limit // 1024, request.path)
        raise TooLarge(f"The body is larger than {limit // 1024} KB.")
    return body


class OnlyJson(DefaultContentNegotiation):
    """JSON goes out whatever is asked for: weighing the Accept header costs a tenth of a cached call."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class MachineView(APIView):
    """A door without users: no cookies are read, so there is nothing for a forged request to ride on."""

    authentication_classes = [ServiceTokenAuthentication]
    content_negotiation_class = OnlyJson


class FunctionCall(MachineView):
    """An agent asks us something in mid-conversation."""

    permission_classes = [HasServiceToken]

    def post(self, request):
        return HttpResponse(tools.call(raw_body(request, MAX_CALL_BYTES)).body, content_type="application/json")


class ConversationStart(MachineView):
    """A phone rings: ElevenLabs asks with what to begin the call. Not signed, so the secret header is the proof."""

    permission_classes = [HasServiceToken]

    def post(self, request):
        ring = lines.read(raw_body(request, MAX_RING_BYTES))
        if rings_too_often(request._request, ring.called):
            raise TooMany("Too many calls to this number in one minute.", wait=60)
        return Response(ringing.answer(ring))


def rings_too_often(request, number):
    """Per number that is called, so that a flood on one leaves the others alone; failing Redis lets pass."""
    try:
        return is_ratelimited(request, group="rings", key=lambda *_: number, rate=RINGS, increment=True)
    except RedisError:
        return False


class PostCall(MachineView):
    """ElevenLabs reports a finished call. Keep it first, read it later."""

    authentication_classes = [SignatureAuthentication]
    permission_classes = []

    def post(self, request):
        try:
            delivery, new = _take(request)
        except (DatabaseError, InterfaceError) as fault:
            logger.error("a post-call report could not be kept: %s", type(fault).__name__)
            raise NotTaken("Nothing can be kept here at the moment. Send it again.") from fault
        tracks.follow(delivery.subject)
        logger.info("a report was %s", "kept" if new else "known already")
        meters.count("reports", outcome="kept" if new else "repeated")
        if new:
            tasks.start(tasks.read_delivery, delivery.pk)
        return Response({"received": True})


def _take(request):
    """(delivery, whether there is something to read). A report whose signature is right and too old may be a copy that
    somebody kept: it is answered as well as any other, since ElevenLabs would count a refusal as our failing and never
    repeat it; but of what it says nothing is believed, and the conversation is fetched instead."""
    try:
        with bodies.in_turn():
            body = raw_body(request, MAX_REPORT_BYTES)
    except bodies.NotNow as busy:
        raise NotTaken("Another report is being read. Send it again.") from busy
    signed = signed_at(body, request.headers.get("ElevenLabs-Signature", ""))
    if signed is None:
        raise _unsigned(request)
    origin = Delivery.Origin.SENT if is_fresh(signed) else Delivery.Origin.STALE
    if origin == Delivery.Origin.STALE:
        _note("stale")
    try:
        return conversations.keep(body, origin)
    except (ValueError, RecursionError) as fault:
        raise BadCall("body: a JSON object is expected.") from fault
    except conversations.Altered as fault:
        _note("altered")
        raise Altered("Another report of this event was kept before.") from fault


def _unsigned(request):
    if not workspace.webhook_secrets():
        return NotTaken("No webhook secret is known here yet.")
    _note("wrongly-signed" if "v0=" in request.headers.get("ElevenLabs-Signature", "") else "unsigned")
    return NotAuthenticated("This report is not signed with our secret.")


def _note(what):
    """In the log, and counted for those who watch. Nothing of the body: a stranger may have written it."""
    logger.warning("post-call report refused: %s", what)
    tallies.count(f"reports-{what}")
    meters.count("reports", outcome=what.replace("-", "_"))
