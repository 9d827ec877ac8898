"""Who stands at the door, and what a script or a form of theirs is told."""

import json
import uuid

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django_ratelimit.core import is_ratelimited
from redis.exceptions import RedisError

from knowledge.speech import remove_hidden
from personas.models import Persona
from voice import conversations
from voice.models import Session
from voice.refusals import page_refusal

TOO_FAST = ("too_fast", "That was very fast. Wait a few seconds, then ask again.")


def visitor(request):
    """The id of this browser, kept in its session."""
    if "visitor" not in request.session:
        request.session["visitor"] = str(uuid.uuid4())
    return uuid.UUID(request.session["visitor"])


def open_persona(request, slug):
    """A persona this person may open: published, or any for staff. Otherwise there is none."""
    personas = Persona.objects.all() if request.user.is_staff else Persona.objects.published()
    return get_object_or_404(personas, slug=slug)


def is_too_fast(request, group, rate):
    """Per visitor, so that people behind one address do not use up each other's questions; failing Redis lets pass."""
    try:
        return is_ratelimited(request, group=group, key=lambda *_: str(visitor(request)), rate=rate, increment=True)
    except RedisError:
        return False


def is_scripted(request):
    """Whether a script asks, which reads JSON, or a form, whose sender sees the page again."""
    return "json" in request.headers.get("Accept", "")


def refuse(request, slug, code, message, status, retry_after=None):
    if is_scripted(request):
        return page_refusal(code, message, status, retry_after)
    messages.error(request, message)
    return HttpResponseRedirect(reverse("voice:chat", args=[slug]))


def thread_of(request, persona):
    who = visitor(request)
    return conversations.latest(persona, who) or conversations.begin(persona, who, user_of(request))


def user_of(request):
    return request.user if request.user.is_authenticated else None


def session_of(request, slug):
    """A session of this visitor and this persona; anybody else's does not exist."""
    return get_object_or_404(
        Session.objects.select_related("conversation__persona"),
        elevenlabs_conversation_id=told(request, "session"),
        conversation__visitor=visitor(request),
        conversation__persona__slug=slug,
    )


def told(request, name):
    """A text that a script sent, without what no database takes."""
    return remove_hidden(str(_json(request).get(name, "")))


def _json(request):
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
