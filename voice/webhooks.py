"""ElevenLabs' doors. Prove, parse, one verb, answer."""

import json

from django.http import HttpResponse
from django_ratelimit.core import is_ratelimited
from redis.exceptions import RedisError
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.response import Response
from rest_framework.views import APIView

from voice import conversations, lines, ringing, tasks, tools
from voice.agents import workspace
from voice.permissions import HasServiceToken, ServiceTokenAuthentication, is_signed
from voice.refusals import BadCall, TooMany

MAX_CALL_BYTES = 64 * 1024
MAX_RING_BYTES = 8 * 1024
RINGS = "60/m"  # a number
MAX_REPORT_BYTES = 30 * 1024 * 1024


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"


class DoorClosed(APIException):
    """Ours to mend, so it must be repeated: ElevenLabs never repeats after a 4xx."""

    status_code = 503
    default_code = "not_configured"


def raw_body(request, limit):
    """The body's bytes, straight from the stream: Django's own reader stops at 2.5 MB. Raises TooLarge, BadCall."""
    if request.headers.get("Content-Encoding", "identity") not in ("", "identity"):
        raise BadCall("body: send it without compression.")
    body = request._request.read(limit + 1)
    if len(body) > limit:
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

    permission_classes = []

    def post(self, request):
        if not workspace.webhook_secrets():
            raise DoorClosed("No webhook secret is known here yet.")
        body = raw_body(request, MAX_REPORT_BYTES)
        if not is_signed(body, request.headers.get("ElevenLabs-Signature", "")):
            raise NotAuthenticated(
                "This report is not signed with our secret, or its time is off by over half an hour."
            )
        delivery, new = conversations.keep(_report(body), body)
        if new:
            tasks.start(tasks.read_delivery, delivery.pk)
        return Response({"received": True})


def _report(body):
    """The body as a dict. Signed and not JSON can only be a fault on the way."""
    try:
        report = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise BadCall("body: this is not JSON.") from fault
    if not isinstance(report, dict):
        raise BadCall("body: a JSON object is expected.")
    return report
