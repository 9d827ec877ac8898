"""What people do in a thread: ask by typing, begin anew."""

from django.http import Http404, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import conditional_page, require_GET, require_POST

from voice import conversations, presentation, ratings, tasks
from voice.forms import QuestionForm, RatingForm, ThumbForm
from voice.models import Turn
from voice.refusals import page_refusal
from voice.views.people import (
    GONE,
    TOO_FAST,
    is_scripted,
    is_too_fast,
    kind_of,
    open_persona,
    own,
    refuse,
    thread_of,
    user_of,
    visitor,
)


@require_POST
def say(request, slug):
    persona = open_persona(request, slug)
    form = QuestionForm.of(request)
    if not form.is_valid():
        return refuse(request, slug, "bad_question", form.sentence(), 400)
    if is_too_fast(request, "say", "30/m"):
        return refuse(request, slug, *TOO_FAST, 429, 10)
    try:
        conversation = thread_of(request, persona)
    except Http404:
        return refuse(request, slug, *GONE, 404)
    spoken = conversations.say(conversation, form.cleaned_data["text"], form.cleaned_data["key"])
    if is_scripted(request):
        return StreamingHttpResponse(presentation.lines(spoken, persona), content_type="application/x-ndjson")
    for _ in spoken:
        pass  # without a script the whole answer is there when the page is shown again
    return HttpResponseRedirect(reverse("voice:chat", args=[slug]) + "#latest")


@conditional_page
@require_GET
def turns(request, slug):
    """What the server has of the thread a page shows, for a tab that is looked at again, and which thread is the latest."""
    persona = open_persona(request, slug)
    conversation = thread_of(request, persona, begin=False)
    latest = conversations.latest(persona, visitor(request), user_of(request)) or conversation
    response = JsonResponse(presentation.thread(conversation, latest, persona))
    response["Cache-Control"] = "private, no-cache"
    return response


@require_POST
def new(request, slug):
    """Begin a new thread; the old one is kept."""
    persona = open_persona(request, slug)
    if is_too_fast(request, "new", "20/m"):
        return refuse(request, slug, *TOO_FAST, 429, 10)
    begun = conversations.begin(persona, visitor(request), user_of(request), kind_of(request))
    if is_scripted(request):
        return JsonResponse({"ok": True, "thread": str(begun.pk)})
    return HttpResponseRedirect(reverse("voice:chat", args=[slug]))


@require_POST
def rate(request, slug):
    """Stars for the thread that the page shows."""
    persona = open_persona(request, slug)
    conversation = thread_of(request, persona, begin=False)
    form = RatingForm.of(request)
    if conversation is None or not form.is_valid():
        sentence = gettext("There is no conversation to rate yet.") if conversation is None else form.sentence()
        return page_refusal("bad_rating", sentence, 400)
    if is_too_fast(request, "rate", "20/m"):
        return page_refusal(*TOO_FAST, status=429, retry_after=10)
    if ratings.rate(conversation, form.cleaned_data["rating"], form.cleaned_data["comment"]):
        tasks.start(tasks.tell_rating, conversation.pk)
    return JsonResponse({"ok": True})


@require_POST
def judge(request, slug):
    """A thumb for one answer in one's own threads; anybody else's turns do not exist."""
    persona = open_persona(request, slug)
    form = ThumbForm.of(request)
    if not form.is_valid():
        return page_refusal("bad_thumb", "turn and thumb (up, down or empty) are expected.", 400)
    if is_too_fast(request, "judge", "60/m"):
        return page_refusal(*TOO_FAST, status=429, retry_after=10)
    turns = Turn.objects.filter(conversation__in=own(request).filter(persona=persona))
    turn = get_object_or_404(turns, pk=form.cleaned_data["turn"], speaker=Turn.Speaker.PERSONA)
    ratings.judge(turn, form.liked, form.cleaned_data["note"])
    return JsonResponse({"ok": True})
