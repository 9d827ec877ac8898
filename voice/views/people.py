"""Who stands at the door, and what a script or a form of theirs is told."""

import json
import uuid

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from django_ratelimit.core import is_ratelimited
from redis.exceptions import RedisError

from knowledge import tracks
from knowledge.speech import remove_hidden
from personas.models import Persona
from voice import conversations, origins
from voice.models import Conversation, Session
from voice.refusals import page_refusal

GONE = (
    "thread_gone",
    _("This conversation is not there any more. Copy what you still need, then begin a new one."),
)
REHEARSAL = "X-Rehearsal"  # a header by which voice.callers asks to be counted apart; it changes nothing else
TOO_FAST = ("too_fast", gettext_lazy("That was very fast. Wait a few seconds, then ask again."))


def visitor(request):
    """The id of this browser, kept in its session."""
    if "visitor" not in request.session:
        request.session["visitor"] = str(uuid.uuid4())
    return uuid.UUID(request.session["visitor"])


def open_persona(request, slug):
    """A persona this person may open. Any other does not exist."""
    return get_object_or_404(Persona.objects.open_to(request.user), slug=slug)


def is_too_fast(request, group, rate):
    """Per visitor, so that people behind one address do not use up each other's questions; and so many times that per client
    address, since a visitor who drops their cookie is a new one. Failing Redis lets pass."""
    where = origins.network(request) if settings.VISITORS_PER_ADDRESS else ""
    most, _, per = rate.partition("/")
    try:
        is_late = _is_limited(request, group, str(visitor(request)), rate)
        if where and not is_late:
            is_late = _is_limited(
                request, f"{group} address", where, f"{int(most) * settings.VISITORS_PER_ADDRESS}/{per}"
            )
    except RedisError:
        return False
    return is_late


def _is_limited(request, group, who, rate):
    return is_ratelimited(request, group=group, key=lambda *_: who, rate=rate, increment=True)


def is_scripted(request):
    """Whether a script asks, which reads JSON, or a form, whose sender sees the page again."""
    return "json" in request.headers.get("Accept", "")


def refuse(request, slug, code, message, status, retry_after=None):
    if is_scripted(request):
        return page_refusal(code, message, status, retry_after)
    messages.error(request, message)
    return HttpResponseRedirect(reverse("voice:chat", args=[slug]))


def own(request):
    """This person's threads; anybody else's do not exist."""
    return Conversation.objects.of(visitor(request), user_of(request)).select_related("persona")


def thread_of(request, persona, begin=True):
    """The thread that the page names, else the latest, else a new one, or None where none is to be begun. A page goes on
    in the thread it shows, whatever was begun in another tab. Raises Http404 for one that is gone or anybody else's."""
    who, user, kind = visitor(request), user_of(request), kind_of(request)
    if named := told(request, "thread"):
        thread = named_thread(request, persona.slug, named)
    else:
        thread = conversations.latest(persona, who, user)
    if thread is None:
        return conversations.begin(persona, who, user, kind) if begin else None
    conversations.set_apart(thread, kind)
    return thread


def named_thread(request, slug, name):
    """An own thread by its id. Raises Http404."""
    try:
        return get_object_or_404(own(request), pk=uuid.UUID(str(name)), persona__slug=slug)
    except ValueError as fault:
        raise Http404(gettext("There is no such conversation.")) from fault


def user_of(request):
    return request.user if request.user.is_authenticated else None


def kind_of(request):
    """Whose talk this is: of staff, of a pretend visitor who says so, or a visitor's."""
    if request.user.is_staff:
        return Conversation.Kind.STAFF
    return Conversation.Kind.REHEARSAL if request.headers.get(REHEARSAL) else Conversation.Kind.VISITOR


def session_of(request, slug):
    """A session of this visitor and this persona; anybody else's does not exist."""
    session = get_object_or_404(
        Session.objects.select_related("conversation__persona"),
        elevenlabs_conversation_id=told(request, "session"),
        conversation__in=Conversation.objects.of(visitor(request), user_of(request)),
        conversation__persona__slug=slug,
    )
    tracks.follow(session.elevenlabs_conversation_id)
    return session


def told(request, name):
    """A text that a script, a form or an address sent, without what no database takes."""
    is_form = request.method == "GET" or request.content_type != "application/json"
    sent = (request.GET if request.method == "GET" else request.POST) if is_form else _json(request)
    return remove_hidden(str(sent.get(name) or ""))


def _json(request):
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
