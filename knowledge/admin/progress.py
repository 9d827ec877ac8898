"""How far documents are, for the script that keeps lists of them up to date, and another try for one that failed."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge import claims, sources, tasks
from knowledge.admin.columns import KINDS, say_note, say_status
from knowledge.models import Document
from personas import remits

AT_MOST = 200  # documents asked about at once
REPLACED = _("In its place")
REPLACED_NOTE = _("It took the place of the version before it, or was deleted. Reload this page to see.")


def show(model_admin, request):
    """The documents of ?document=…&document=… as they are now. One that is gone has moved into an earlier row."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    wanted = [pk for pk in map(_read_id, request.GET.getlist("document")[:AT_MOST]) if pk]
    found = (
        remits.narrow(Document.objects.filter(pk__in=wanted), request.user)
        .select_related("address")
        .defer("text", "pasted_text", "page_starts")
    )
    known = {document.pk: document for document in found.annotate(passage_count=Count("passages"))}
    return JsonResponse({"documents": [_describe(pk, known.get(pk)) for pk in wanted]})


def retry(model_admin, request, object_id):
    """Have a failed document read once more, and go back to where the button stood."""
    if request.method != "POST" or not model_admin.has_change_permission(request):
        raise PermissionDenied
    document = get_object_or_404(remits.narrow(Document.objects.all(), request.user), pk=_read_id(object_id))
    if document.status == Document.Status.FAILED:
        read_again(document)
        messages.success(request, gettext("“{title}” is waiting to be read again.").format(title=document.title))
    else:
        messages.info(request, f"“{document.title}” has not failed; nothing was done.")
    return redirect(_where_from(request) or "admin:knowledge_document_changelist")


def read_again(document):
    """Let a document be read once more; a page that could not be read is fetched once more, too."""
    sources.begin_again(document)
    claims.release(document)
    tasks.start_reading(document.pk)


def _describe(pk, document):
    if document is None:
        return {"id": pk, "kind": "quiet", "status": REPLACED, "note": REPLACED_NOTE, "busy": False, "failed": False}
    return {
        "id": pk,
        "kind": KINDS[document.status],
        "status": say_status(document),
        "passages": document.passage_count,
        "note": say_note(document),
        "busy": document.status in Document.BUSY,
        "failed": document.status == Document.Status.FAILED,
    }


def _read_id(text):
    try:
        return UUID(text)
    except ValueError:
        return None


def _where_from(request):
    address = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if safe else None
