"""What a page asks of us around a call."""

from django.http import Http404, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from voice import attempts, audit, letters, minutes, origins, presentation, queue, sessions, tasks, waiting
from voice.forms import AttemptForm, HeardForm, WaitForm
from voice.models import Deed, Session
from voice.refusals import page_refusal
from voice.views.people import GONE, TOO_FAST, is_too_fast, kind_of, open_persona, session_of, thread_of, told, visitor

NOT_IN_LINE = _("You are no longer in line here. Press Talk to stand in line again, or go on typing.")

TOO_MUCH = _(
    "More was said in this call than can be kept while it runs. What was kept stays; the report of the call brings the rest."
)


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
        permission = sessions.start(thread, request.user, origins.mark(request))
    except sessions.Unavailable as refusal:
        if refusal.code == "no_agent" and hasattr(persona, "agent"):
            tasks.start(tasks.sync_agent, persona.agent.pk)
        status = {"off": 403, "no_agent": 409, "busy": 429, "limit": 429, "minutes": 429}.get(refusal.code, 503)
        return page_refusal(refusal.code, str(refusal), status, refusal.retry_after)
    if request.user.is_staff:
        audit.write(Deed.What.TEST_CALL, persona=persona, conversation=permission.session)
    response = JsonResponse(presentation.permission(permission))
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def wait(request, slug):
    """A page in line asks for its place, or takes one. Nobody is kept waiting by this answer: the page asks again."""
    persona, form = open_persona(request, slug), WaitForm.of(request)
    if not form.is_valid():
        return page_refusal("bad_wait", "ticket, joins, hidden and refused are expected.", 400)
    if is_too_fast(request, "wait", "60/m"):
        return page_refusal(*TOO_FAST, status=429, retry_after=20)
    asked, who = form.cleaned_data, visitor(request)
    mine = Session.objects.filter(conversation__visitor=who, conversation__persona=persona)
    asked["refused"] = mine.filter(elevenlabs_conversation_id=asked["refused"]).first()
    try:
        standing = waiting.wait(persona, who, **asked)
    except queue.Gone:
        return page_refusal("gone", str(NOT_IN_LINE), 410)
    except queue.Away:
        code, sentence, retry_after = sessions.BUSY
        return page_refusal(code, str(sentence), 503, retry_after)
    response = JsonResponse(presentation.standing(standing))
    response["Retry-After"] = str(standing.again)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def leave(request, slug):
    """The visitor leaves the line, or closed a page that stood in it."""
    persona = open_persona(request, slug)
    waiting.leave(persona, visitor(request), closed=told(request, "closed") == "True")
    return JsonResponse({"ok": True})


@require_POST
def attempt(request, slug):
    """How starting a call went, for our figures. The page does not wait for it and repeats nothing."""
    persona = open_persona(request, slug)
    form = AttemptForm.of(request)
    if not form.is_valid():
        return page_refusal("bad_attempt", "key, outcome and milliseconds are expected.", 400)
    if is_too_fast(request, "attempt", "30/m"):
        return page_refusal(*TOO_FAST, status=429, retry_after=20)
    attempts.keep(persona, thread_of(request, persona, begin=False), form.cleaned_data, kind_of(request))
    return JsonResponse({"ok": True})


@require_POST
def heard(request, slug):
    session = session_of(request, slug)
    form = HeardForm.of(request)
    if not form.is_valid():
        return page_refusal("bad_events", form.sentence(), 400)
    if is_too_fast(request, "heard", "240/m"):
        return page_refusal(*TOO_FAST, status=429, retry_after=5)
    persona = session.conversation.persona
    try:
        kept = letters.read(session, form.cleaned_data["events"])
    except letters.TooMuch:
        return page_refusal("too_much", str(TOO_MUCH), 413)
    return JsonResponse(presentation.heard(kept, persona))


@require_POST
def end_session(request, slug):
    session = session_of(request, slug)
    if is_too_fast(request, "end", "60/m"):
        return page_refusal(*TOO_FAST, status=429, retry_after=5)
    if sessions.end(session, told(request, "reason")[:200]):
        tasks.start(tasks.look_at_call, session.pk)
    left = minutes.left(request.user, session.conversation.visitor, session.conversation.persona, believed=session)
    return JsonResponse({"ok": True, "minutes": minutes.words(left)})
