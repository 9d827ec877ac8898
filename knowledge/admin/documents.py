"""A source, what was read from it, and the passages it became."""

from django.contrib import admin, messages
from django.core.paginator import Paginator

from knowledge import claims, golden, ingestion, tasks
from knowledge.admin import pages
from knowledge.admin.columns import DocumentColumns
from knowledge.admin.receiving import receive
from knowledge.models import Document

PASSAGES_ON_A_PAGE = 50


@admin.register(Document)
class DocumentAdmin(DocumentColumns, admin.ModelAdmin):
    """A source, what was read from it, and the passages it became."""

    change_form_template = "admin/knowledge/document_change_form.html"
    list_display = ["title", "persona", "kind", "status_badge", "passage_count", "pages", "created_at", "note"]
    list_filter = ["status", "kind", "persona"]
    search_fields = ["title", "file_name", "persona__name"]
    date_hierarchy = "created_at"
    actions = ["read_again"]
    fields = ["title", "persona", "kind", "file", "file_name", "status_badge", "passage_count", "pages", "note", "attempts", "created_at", "read_at", "sha256"]  # fmt: skip
    readonly_fields = fields[1:]

    class Media:
        css = {"all": ["admin/clone-advisor.css", "admin/knowledge.css"]}

    def add_view(self, request, form_url="", extra_context=None):
        return receive(self, request, None)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        document = self.get_object(request, object_id)
        if document is not None:
            pages = Paginator(document.passages.order_by("position"), PASSAGES_ON_A_PAGE)
            extra_context = {**(extra_context or {}), "passages": pages.get_page(request.GET.get("passages"))}
        return super().change_view(request, object_id, form_url, extra_context)

    def changelist_view(self, request, extra_context=None):
        pages.warn_without_model(request)
        return super().changelist_view(request, extra_context)

    def save_model(self, request, obj, form, change):
        """Only the title can be changed; it stands on citations, so what is cached or indexed is old."""
        super().save_model(request, obj, form, change)
        if "title" in form.changed_data:
            ingestion.rename(obj)
            golden.follow(obj.persona, form.initial["title"], obj.title)
            tasks.start_asking(obj.persona_id)

    def delete_queryset(self, request, queryset):
        for document in queryset:
            ingestion.forget(document)

    def get_deleted_objects(self, objs, request):
        named = [f"{document.title}, with {_passages(document.passages.count())}" for document in objs]
        return named, {"documents": len(named)}, set() if self.has_delete_permission(request) else {"document"}, []

    @admin.action(description="Read again, for example after a failure")
    def read_again(self, request, queryset):
        busy = queryset.filter(status=Document.Status.READING).count()
        waiting = list(queryset.exclude(status=Document.Status.READING))
        for document in waiting:
            claims.release(document)
            tasks.start_reading(document.pk)
        if waiting:
            self.message_user(request, f"{pages.count(len(waiting))} waiting to be read again.", messages.SUCCESS)
        if busy:
            self.message_user(
                request, f"{pages.count(busy)} being read at this moment and left alone.", messages.WARNING
            )


def _passages(number):
    return "1 passage" if number == 1 else f"{number} passages"
