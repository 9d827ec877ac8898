"""Documents as rows of a list."""

from django.contrib import admin
from django.db.models import Count
from django.forms import Script
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge.models import Document
from personas.admin import badge

KINDS = {
    Document.Status.WAITING: "busy",
    Document.Status.READING: "busy",
    Document.Status.READY: "good",
    Document.Status.FAILED: "bad",
}


def say_status(document):
    """A document's status in a word, and in per cent while it is read."""
    text = document.get_status_display()
    return f"{text} {document.progress} %" if document.status == Document.Status.READING else text


def say_note(document):
    """What staff should know of a document: why it failed, what came of its web address, what was left out."""
    address = getattr(document, "address", None)
    unreached = (
        gettext("Not fetched anew: {outcome}").format(outcome=address.outcome) if address and address.failures else ""
    )
    return document.problem or f"{unreached} {document.warning}".strip() or "–"


class DocumentColumns:
    """What a list of documents shows, on its own page and beside a persona. Its script keeps it up to date while
    documents are read."""

    class Media:
        css = {"all": ["admin/clone-advisor.css", "admin/knowledge.css"]}
        js = [Script("admin/documents.js", type="module")]

    @admin.display(description=_("Status"), ordering="status")
    def status_badge(self, document):
        return format_html(
            '<span class="document-status" data-document="{}" data-title="{}" data-busy="{}" data-progress="{}">{}</span>'
            '<button type="submit" class="document-retry" formmethod="post" formaction="{}" formnovalidate{}>Try again</button>',
            document.pk,
            document.title,
            "yes" if document.status in Document.BUSY else "no",
            reverse("admin:knowledge_document_progress"),
            badge(KINDS[document.status], say_status(document)),
            reverse("admin:knowledge_document_retry", args=[document.pk]),
            "" if document.status == Document.Status.FAILED else mark_safe(" hidden"),
        )

    @admin.display(description=_("Passages"), ordering="passage_count")
    def passage_count(self, document):
        return document.passage_count

    @admin.display(description=_("Note"))
    def note(self, document):
        return say_note(document)

    def get_queryset(self, request):
        """With the number of passages, without what is only read on a document's own page."""
        counted = super().get_queryset(request).annotate(passage_count=Count("passages"))
        return counted.select_related("persona", "address").defer("text", "pasted_text", "page_starts")


class DocumentInline(DocumentColumns, admin.TabularInline):
    model = Document
    fields = readonly_fields = ["link", "kind", "status_badge", "passage_count", "note"]
    extra = max_num = 0
    can_delete = False
    verbose_name_plural = _("Documents")

    def has_add_permission(self, request, obj=None):
        return False

    @admin.display(description=_("Title"))
    def link(self, document):
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:knowledge_document_change", args=[document.pk]), document.title
        )
