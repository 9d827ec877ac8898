"""The pages on which people find what they talked about before, and delete it."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from personas.models import Persona
from voice import history as past
from voice.views.people import is_too_fast, own, told, user_of, visitor

ON_A_PAGE = 20


@never_cache
@require_GET
def history(request):
    """One's conversations, newest first, with all personas or one, and those in which something was said."""
    who, user = visitor(request), user_of(request)
    personas, words = past.personas(who, user), told(request, "q")[:200].strip()
    chosen = told(request, "persona") if told(request, "persona") in dict(personas) else ""
    found = Paginator(past.find(who, user, chosen, words), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "personas": personas,
        "chosen": chosen,
        "words": words,
        "is_narrowed": bool(chosen or words),
        "open_here": set(Persona.objects.open_to(request.user).values_list("slug", flat=True)),
    }
    return render(request, "voice/history.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def delete_thread(request, thread):
    """Says what goes and what stays, and deletes when that is confirmed."""
    rows = past.find(visitor(request), user_of(request))
    conversation = get_object_or_404(own(request), pk=thread)
    if request.method == "GET":
        described = rows.filter(pk=thread).first() or conversation
        days = settings.ELEVENLABS_RETENTION_DAYS
        return render(request, "voice/delete_thread.html", {"conversation": described, "days": days})
    if is_too_fast(request, "delete-thread", "30/m"):
        messages.error(request, _("That was very fast. Wait a few seconds, then delete it again."))
    else:
        past.delete(conversation)
        messages.success(request, _("The conversation was deleted."))
    return HttpResponseRedirect(reverse("voice:history"))
