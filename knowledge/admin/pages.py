"""What every page of ours in the admin shows around its own content."""

from django.contrib import messages
from django.utils.translation import ngettext

from knowledge import embeddings
from personas.models import Persona


def context(model_admin, request, persona, title):
    """What the page's frame needs: breadcrumbs, styles, and whether there is a model."""
    return {
        **model_admin.admin_site.each_context(request),
        "opts": Persona._meta,
        "persona": persona,
        "title": title,
        "subtitle": persona.name if persona else None,
        "media": model_admin.media,
        "embedding": embeddings.status(),
    }


def warn_without_model(request):
    """Say it while questions are answered by words alone."""
    status = embeddings.status()
    if not status.ready:
        messages.warning(request, status.problem)


def count(number):
    """Documents, as the beginning of a sentence."""
    return ngettext("{number} document is", "{number} documents are", number).format(number=number)
