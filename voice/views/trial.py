"""The page on which staff try the voice: microphone, speaker, server, and one whole call."""

from dataclasses import asdict

from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from personas import remits
from voice import inspection
from voice.refusals import page_refusal
from voice.views.people import TOO_FAST, is_too_fast


@never_cache
@require_GET
@staff_member_required(login_url="admin:login")
@permission_required("personas.view_persona", raise_exception=True)
def test_voice(request):
    """Every check with what to do when it fails. Which persona is tried stands in the address."""
    personas = list(remits.personas(request.user).order_by("name"))
    chosen = next(
        (one for one in personas if one.slug == request.GET.get("persona")), personas[0] if personas else None
    )
    starter = chosen.starter_questions.first() if chosen else None
    context = {"personas": personas, "persona": chosen, "question": starter.text if starter else ""}
    return render(request, "voice/test_voice.html", context)


@require_POST
@staff_member_required(login_url="admin:login")
@permission_required("personas.view_persona", raise_exception=True)
def inspect(request, slug):
    """What the server finds, part by part, as JSON."""
    if is_too_fast(request, "inspect", "20/m"):
        return page_refusal(*TOO_FAST, status=429, retry_after=10)
    persona = get_object_or_404(remits.personas(request.user), slug=slug)
    return JsonResponse({"findings": [asdict(finding) for finding in inspection.inspect(persona)]})
