"""The pages people look at."""

from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from knowledge.models import Document
from personas.languages import own_name
from personas.models import Persona
from voice import conversations, minutes, paper, presentation, rollout, transcripts
from voice.agents import definitions
from voice.figures import days
from voice.forms import QuestionForm
from voice.models import Conversation
from voice.views import sorry
from voice.views.people import (
    TOO_FAST,
    is_too_fast,
    kind_of,
    named_thread,
    open_persona,
    refuse,
    told,
    user_of,
    visitor,
)


@gzip_page
@require_GET
def persona_list(request):
    return render(request, "voice/persona_list.html", {"personas": Persona.objects.open_to(request.user)})


@never_cache
@require_GET
@staff_member_required(login_url="admin:login")
def view_on_site(request, content_type_id, object_id):
    """The admin's door to a row's own page, before Django's: a slug is told only to who may open its page.

    Only personas have a page.
    """
    if content_type_id != str(ContentType.objects.get_for_model(Persona).pk):
        raise Http404
    try:
        return redirect(get_object_or_404(Persona.objects.open_to(request.user), pk=object_id))
    except ValidationError as no_uuid:
        raise Http404 from no_uuid


@never_cache
@gzip_page
@require_GET
def chat(request, slug, thread=None):
    """The thread with a persona that the address names, else the latest."""
    persona = open_persona(request, slug)
    if thread is None:
        conversation = conversations.latest(persona, visitor(request), user_of(request))
    else:
        conversation = named_thread(request, slug, thread)
    turns = presentation.turns(conversation.turns.all(), persona) if conversation else []
    refusal = rollout.refusal(request.user, visitor(request), persona)
    if refusal is None and kind_of(request) == Conversation.Kind.VISITOR:
        days.note_visit(persona, visitor(request))
    context = {
        "persona": persona,
        "conversation": conversation,
        "turns": turns,
        "starters": persona.starter_questions.all(),
        "voice": {
            "offered": refusal is None,
            "reason": refusal[1] if refusal else "",
            "minutes": "" if refusal else minutes.words(minutes.left(request.user, visitor(request), persona)),
            "idle": settings.VOICE_IDLE_SECONDS,
            "countdown": definitions.COUNTDOWN,
        },
        "max_question": QuestionForm.MAX,
        "stars": range(1, 6),
        "languages": [(code, own_name(code)) for code in persona.languages],
    }
    return render(request, "voice/chat.html", context)


@require_GET
def avatar(request, slug):
    """The persona's picture. Its form took it only as a real PNG, JPEG or WebP."""
    persona = open_persona(request, slug)
    if not persona.avatar:
        raise Http404("This persona has no picture.")
    response = FileResponse(persona.avatar.open("rb"))
    # A draft's is staff's alone: no cache on the way may hand it to others.
    response["Cache-Control"] = "public, max-age=300" if persona.is_published else "private, no-store"
    return response


@gzip_page
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
    try:
        file = source.file.open("rb")
    except FileNotFoundError as gone:
        raise Http404("The file is no longer in the storage.") from gone
    except OSError:
        return refuse(request, slug, "away", _("The file cannot be fetched just now. Try again in a minute."), 503, 60)
    response = FileResponse(file, as_attachment=True, filename=presentation.download_name(source))
    response["Content-Type"] = "application/octet-stream"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


TRANSCRIPTS = {"md": (transcripts.markdown, "text/markdown"), "txt": (transcripts.text, "text/plain")}


@never_cache
@require_GET
def transcript(request, slug, ending):
    """The visitor's thread as a file to keep."""
    conversation = _thread_to_keep(request, slug)
    write, kind = TRANSCRIPTS[ending]
    return _file(write(conversation, conversation.turns.all()), f"{kind}; charset=utf-8", conversation, ending)


@never_cache
@require_GET
def transcript_pdf(request, slug):
    """The same on paper. It costs more than text, so that not many may be asked for at once."""
    conversation = _thread_to_keep(request, slug)
    if is_too_fast(request, "pdf", "6/m"):
        return refuse(request, slug, *TOO_FAST, 429, 20)

    def address(citation):
        (known,) = presentation.citations([citation], conversation.persona)
        return settings.PUBLIC_URL + known["url"]

    try:
        written = paper.pdf(conversation, conversation.turns.all(), address)
    except paper.NotNow:
        message = _("The PDF could not be made in time. Save it as text, or try again.")
        return sorry.busy(request, message, 20, reverse("voice:thread", args=[slug, conversation.pk]))
    return _file(written, "application/pdf", conversation, "pdf")


def _thread_to_keep(request, slug):
    """The thread that is named, also of a persona that was withdrawn, or the latest."""
    if name := told(request, "thread"):
        conversation = named_thread(request, slug, name)
    else:
        conversation = conversations.latest(open_persona(request, slug), visitor(request), user_of(request))
    if conversation is None or not conversation.turns.exists():
        raise Http404("Nothing was said yet.")
    return conversation


def _file(content, kind, conversation, ending):
    name = f"{conversation.persona.slug}-{conversation.started_at:%Y-%m-%d}.{ending}"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
def icon(request):
    """Browsers ask for it on every page that names none, such as the admin's and a file's."""
    return HttpResponsePermanentRedirect(static("icon.svg"))
