"""The doors for people: pages, typed questions, and the small talk between a page's script and us."""

import json
import uuid

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_ratelimit.core import is_ratelimited
from redis.exceptions import RedisError

from knowledge.models import Document
from knowledge.speech import remove_hidden
from personas.models import Persona
from voice import conversations, presentation, rollout, sessions, tasks
from voice.forms import HeardForm, QuestionForm
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


@require_GET
def persona_list(request):
    personas = Persona.objects.all() if request.user.is_staff else Persona.objects.published()
    return render(request, "voice/persona_list.html", {"personas": personas})


@never_cache
@require_GET
def chat(request, slug):
    persona = open_persona(request, slug)
    conversation = conversations.latest(persona, visitor(request))
    turns = presentation.turns(conversation.turns.all(), persona) if conversation else []
    refusal = rollout.refusal(request.user, persona)
    context = {
        "persona": persona,
        "conversation": conversation,
        "turns": turns,
        "starters": persona.starter_questions.all(),
        "voice": {"offered": refusal is None, "reason": refusal[1] if refusal else ""},
        "max_question": QuestionForm.MAX,
    }
    return render(request, "voice/chat.html", context)


@require_GET
def avatar(request, slug):
    """The persona's picture. Its form took it only as a real PNG, JPEG or WebP."""
    persona = open_persona(request, slug)
    if not persona.avatar:
        raise Http404("This persona has no picture.")
    response = FileResponse(persona.avatar.open("rb"))
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_POST
def say(request, slug):
    persona = open_persona(request, slug)
    form = QuestionForm.of(request)
    if not form.is_valid():
        return _refuse(request, slug, "bad_question", form.sentence(), 400)
    if is_too_fast(request, "say", "30/m"):
        return _refuse(request, slug, *TOO_FAST, 429, 10)
    conversation = _thread(request, persona)
    spoken = conversations.say(conversation, form.cleaned_data["text"], form.cleaned_data["key"])
    if _is_scripted(request):
        return StreamingHttpResponse(presentation.lines(spoken, persona), content_type="application/x-ndjson")
    for _ in spoken:
        pass  # without a script the whole answer is there when the page is shown again
    return HttpResponseRedirect(reverse("voice:chat", args=[slug]) + "#latest")


@require_POST
def new(request, slug):
    """Begin a new thread; the old one is kept."""
    persona = open_persona(request, slug)
    if is_too_fast(request, "new", "20/m"):
        return _refuse(request, slug, *TOO_FAST, 429, 10)
    conversations.begin(persona, visitor(request), _user(request))
    if _is_scripted(request):
        return JsonResponse({"ok": True})
    return HttpResponseRedirect(reverse("voice:chat", args=[slug]))


@require_POST
def start_session(request, slug):
    persona = open_persona(request, slug)
    if is_too_fast(request, "voice-start", "10/m"):
        return page_refusal(*TOO_FAST, status=429, retry_after=20)
    try:
        permission = sessions.start(_thread(request, persona), request.user)
    except sessions.Unavailable as refusal:
        if refusal.code == "no_agent" and hasattr(persona, "agent"):
            tasks.start(tasks.sync_agent, persona.agent.pk)
        status = {"off": 403, "no_agent": 409, "busy": 429, "limit": 429}.get(refusal.code, 503)
        return page_refusal(refusal.code, str(refusal), status, refusal.retry_after)
    response = JsonResponse(presentation.permission(permission))
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def heard(request, slug):
    session = _session(request, slug)
    form = HeardForm.of(request)
    if not form.is_valid():
        return page_refusal("bad_events", form.sentence(), 400)
    persona = session.conversation.persona
    turns, waiting = sessions.hear(session, form.cleaned_data["events"])
    return JsonResponse(presentation.heard(turns, waiting, persona))


@require_POST
def end_session(request, slug):
    sessions.end(_session(request, slug), _told(request, "reason")[:200])
    return JsonResponse({"ok": True})


@require_GET
def document(request, slug, document_id):
    """A document's text with one passage marked in it."""
    persona = open_persona(request, slug)
    source = get_object_or_404(Document.objects.read().select_related("address"), pk=document_id, persona=persona)
    context = presentation.document(source, persona, request.GET)
    piece = "voice/_document.html" if request.headers.get("X-Requested-With") == "fetch" else "voice/document.html"
    return render(request, piece, {"persona": persona, **context})


@require_GET
def document_file(request, slug, document_id):
    """The file as it was given, always as a download: an HTML file of a stranger must not run here."""
    source = get_object_or_404(Document.objects.read(), pk=document_id, persona=open_persona(request, slug))
    if not source.file:
        raise Http404("This document was pasted as text and has no file.")
    response = FileResponse(source.file.open("rb"), as_attachment=True, filename=presentation.download_name(source))
    response["Content-Type"] = "application/octet-stream"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _is_scripted(request):
    """Whether a script asks, which reads JSON, or a form, whose sender sees the page again."""
    return "json" in request.headers.get("Accept", "")


def _refuse(request, slug, code, message, status, retry_after=None):
    if _is_scripted(request):
        return page_refusal(code, message, status, retry_after)
    messages.error(request, message)
    return HttpResponseRedirect(reverse("voice:chat", args=[slug]))


def _thread(request, persona):
    who = visitor(request)
    return conversations.latest(persona, who) or conversations.begin(persona, who, _user(request))


def _user(request):
    return request.user if request.user.is_authenticated else None


def _session(request, slug):
    """A session of this visitor and this persona; anybody else's does not exist."""
    return get_object_or_404(
        Session.objects.select_related("conversation__persona"),
        elevenlabs_conversation_id=_told(request, "session"),
        conversation__visitor=visitor(request),
        conversation__persona__slug=slug,
    )


def _told(request, name):
    """A text that a script sent, without what no database takes."""
    return remove_hidden(str(_json(request).get(name, "")))


def _json(request):
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def not_found(request, exception=None):
    return _sorry(request, "There is nothing at this address.", 404)


def failed(request):
    return _sorry(request, "Something went wrong on our side. It has been noted; please try again.", 500)


def forbidden(request, exception=None, reason=""):
    return _sorry(
        request, "This page was open for too long, or the request came from elsewhere. Reload it and try again.", 403
    )


def _sorry(request, message, status):
    wants_json = request.path.startswith("/elevenlabs/") or "json" in request.headers.get("Accept", "")
    if wants_json:
        return page_refusal({403: "forbidden", 404: "not_found"}.get(status, "failed"), message, status)
    return render(request, f"{status}.html", {"message": message, "site": settings.PUBLIC_URL}, status=status)
