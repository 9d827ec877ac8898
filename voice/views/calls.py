"""What a page asks of us around a call."""

from django.http import Http404, JsonResponse
from django.views.decorators.http import require_POST

from voice import attempts, letters, presentation, sessions, tasks
from voice.forms import AttemptForm, HeardForm
from voice.refusals import page_refusal
from voice.views.people import GONE, TOO_FAST, is_too_fast, open_persona, session_of, thread_of, told


@require_POST
def start_session(request, slug):
    persona = open_persona(request, slug)
    if is_too_fast(request, "voice-start", "10/m"):
        return page_refusal(*TOO_FAST, status=429, retry_after=20)
    try:
        thread = thread_of(request, persona)
    except Http404:
        return page_refusal(*GONE, 404)
    try:
        permission = sessions.start(thread, request.user)
    except sessions.Unavailable as refusal:
        if refusal.code == "no_agent" and hasattr(persona, "agent"):
            tasks.start(tasks.sync_agent, persona.agent.pk)
        status = {"off": 403, "no_agent": 409, "busy": 429, "limit": 429}.get(refusal.code, 503)
        return page_refusal(refusal.code, str(refusal), status, refusal.retry_after)
    response = JsonResponse(presentation.permission(permission))
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def attempt(request, slug):
    """How starting a call went, for our figures. The page does not wait for it and repeats nothing."""
    persona = open_persona(request, slug)
    form = AttemptForm.of(request)
    if not form.is_valid():
        return page_refusal("bad_attempt", "key, outcome and milliseconds are expected.", 400)
    if is_too_fast(request, "attempt", "30/m"):
        return page_refusal(*TOO_FAST, status=429, retry_after=20)
    attempts.keep(thread_of(request, persona), form.cleaned_data)
    return JsonResponse({"ok": True})


@require_POST
def heard(request, slug):
    session = session_of(request, slug)
    form = HeardForm.of(request)
    if not form.is_valid():
        return page_refusal("bad_events", form.sentence(), 400)
    persona = session.conversation.persona
    kept = letters.read(session, form.cleaned_data["events"])
    return JsonResponse(presentation.heard(kept, persona))


@require_POST
def end_session(request, slug):
    sessions.end(session_of(request, slug), told(request, "reason")[:200])
    return JsonResponse({"ok": True})
