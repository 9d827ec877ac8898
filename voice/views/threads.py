"""What people do in a thread: ask by typing, begin anew."""

from django.http import HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from voice import conversations, presentation
from voice.forms import QuestionForm
from voice.views.people import TOO_FAST, is_scripted, is_too_fast, open_persona, refuse, thread_of, user_of, visitor


@require_POST
def say(request, slug):
    persona = open_persona(request, slug)
    form = QuestionForm.of(request)
    if not form.is_valid():
        return refuse(request, slug, "bad_question", form.sentence(), 400)
    if is_too_fast(request, "say", "30/m"):
        return refuse(request, slug, *TOO_FAST, 429, 10)
    conversation = thread_of(request, persona)
    spoken = conversations.say(conversation, form.cleaned_data["text"], form.cleaned_data["key"])
    if is_scripted(request):
        return StreamingHttpResponse(presentation.lines(spoken, persona), content_type="application/x-ndjson")
    for _ in spoken:
        pass  # without a script the whole answer is there when the page is shown again
    return HttpResponseRedirect(reverse("voice:chat", args=[slug]) + "#latest")


@require_POST
def new(request, slug):
    """Begin a new thread; the old one is kept."""
    persona = open_persona(request, slug)
    if is_too_fast(request, "new", "20/m"):
        return refuse(request, slug, *TOO_FAST, 429, 10)
    conversations.begin(persona, visitor(request), user_of(request))
    if is_scripted(request):
        return JsonResponse({"ok": True})
    return HttpResponseRedirect(reverse("voice:chat", args=[slug]))
