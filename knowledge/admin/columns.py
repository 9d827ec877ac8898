"""Documents as rows of a list."""

from django.contrib import admin
from django.db.models import Count
from django.urls import reverse
from django.utils.html import format_html

from knowledge.models import Document
from personas.admin import badge

KINDS = {
    Document.Status.WAITING: "busy",
    Document.Status.READING: "busy",
    Document.Status.READY: "good",
    Document.Status.FAILED: "bad",
}


class DocumentColumns:
    """What a list of documents shows, on its own page and beside a persona."""

    @admin.display(description="Status", ordering="status")
    def status_badge(self, document):
        text = document.get_status_display()
        if document.status == Document.Status.READING:
            text = f"{text} {document.progress} %"
        return badge(KINDS[document.status], text)

    @admin.display(description="Passages", ordering="passage_count")
    def passage_count(self, document):
        return document.passage_count

    @admin.display(description="Note")
    def note(self, document):
        return document.problem or document.warning or "–"

    def get_queryset(self, request):
        """With the number of passages, without what is only read on a document's own page."""
        counted = super().get_queryset(request).annotate(passage_count=Count("passages"))
        return counted.select_related("persona").defer("text", "pasted_text", "page_starts")


class DocumentInline(DocumentColumns, admin.TabularInline):
    model = Document
    fields = readonly_fields = ["link", "kind", "status_badge", "passage_count", "note"]
    extra = max_num = 0
    can_delete = False
    verbose_name_plural = "Documents"

    def has_add_permission(self, request, obj=None):
        return False

    @admin.display(description="Title")
    def link(self, document):
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:knowledge_document_change", args=[document.pk]), document.title
        )
