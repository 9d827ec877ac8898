"""The page on which documents are given."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from knowledge import ingestion, naming, tasks
from knowledge.admin import pages
from knowledge.forms import DocumentsForm
from knowledge.reading import UnreadableDocument
from personas import remits

NEWEST_FIRST = -7  # the column "Created at" of the list of documents, downwards


def receive(model_admin, request, persona):
    """The page on which documents are given, for one persona or with a choice of them."""
    if not request.user.has_perm("knowledge.add_document"):
        raise PermissionDenied
    pages.warn_without_model(request)
    form = DocumentsForm(
        request.POST or None, request.FILES or None, persona=persona, among=remits.personas(request.user)
    )
    if request.method == "POST" and form.is_valid():
        chosen = persona or form.cleaned_data["persona"]
        _take_in(request, chosen, form.cleaned_data)
        return redirect(_where_to_watch(request, chosen))
    context = pages.context(model_admin, request, persona, _("Add documents")) | {"form": form}
    return render(request, "admin/knowledge/add_documents.html", context)


def _where_to_watch(request, persona):
    """The address at which what was given stands on top: the persona's documents, the newest first."""
    if not (request.user.has_perm("knowledge.view_document") or request.user.has_perm("knowledge.change_document")):
        return reverse("admin:personas_persona_change", args=[persona.pk])
    return f"{reverse('admin:knowledge_document_changelist')}?persona__id__exact={persona.pk}&o={NEWEST_FIRST}"


def _take_in(request, persona, given):
    """Receive every file, the web address and the text; one that is refused keeps no other back."""
    sources = [(naming.clean_name(file.name), {"file": file}) for file in given["files"]]
    if given["address"]:
        sources.append((given["address"], {"address": given["address"], "every": given["every"]}))
    if given["text"].strip():
        sources.append((_("The text"), {"text": given["text"]}))
    received = 0
    for name, source in sources:
        try:
            document = ingestion.receive(persona, given["title"] if len(sources) == 1 else "", **source)
        except (UnreadableDocument, ingestion.NotStored) as refusal:
            messages.error(request, f"“{name}”: {refusal}")
        except ingestion.AlreadyKnown as known:
            messages.info(request, f"“{name}”: {known}")
        else:
            received += 1
            tasks.start_reading(document.pk)
    if received:
        messages.success(
            request, _("{count} waiting to be read. This page shows how far it is.").format(count=pages.count(received))
        )
