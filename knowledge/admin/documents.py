"""A source, what was read from it, and the passages it became."""

from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from knowledge import ingestion, sources, tasks
from knowledge.admin import flags, pages, passages, progress, report
from knowledge.admin.addresses import AddressInline
from knowledge.admin.addresses import keep as keep_address
from knowledge.admin.columns import DocumentColumns
from knowledge.admin.receiving import receive
from knowledge.models import Address, Document
from personas.admin import Narrowed


@admin.register(Document)
class DocumentAdmin(DocumentColumns, Narrowed, admin.ModelAdmin):
    """A source, what was read from it, and the passages it became."""

    change_form_template = "admin/knowledge/document_change_form.html"
    change_list_template = "admin/knowledge/document_change_list.html"
    list_display = ["title", "status_badge", "note", "kind", "passage_count", "pages", "created_at", "persona"]
    list_filter = ["status", "kind", "persona"]
    search_fields = ["title", "file_name", "persona__name"]
    date_hierarchy = "created_at"
    actions = ["read_again", "look_up"]
    fieldsets = [
        (None, {"fields": ["title", "persona", "kind", "source", "status_badge", "note", "passage_count", "pages"]}),
        (_("Record"), {"classes": ["collapse"], "fields": ["created_at", "read_at", "attempts", "sha256"]}),
    ]
    readonly_fields = [*fieldsets[0][1]["fields"][1:], *fieldsets[1][1]["fields"]]

    def get_urls(self):
        wrap = self.admin_site.admin_view
        own = [
            path("progress/", wrap(partial(progress.show, self)), name="knowledge_document_progress"),
            path("cited/", wrap(partial(report.show, self)), name="knowledge_document_report"),
            path("<path:object_id>/file/", wrap(self.download), name="knowledge_document_file"),
            path("<path:object_id>/retry/", wrap(partial(progress.retry, self)), name="knowledge_document_retry"),
        ]
        return own + super().get_urls()

    def download(self, request, object_id):
        """The file as it was given, always as a download: an HTML file of a stranger must not run here."""
        document = self.get_object(request, object_id)
        if document is None or not document.file:
            raise Http404(gettext("This document has no file."))
        if not self.has_view_permission(request, document):
            raise PermissionDenied
        try:
            file = document.file.open("rb")
        except OSError as gone:
            raise Http404(sources.GONE) from gone
        return FileResponse(file, as_attachment=True, filename=document.file_name or document.file.name)

    @admin.display(description=_("File"))
    def source(self, document):
        if not document.file:
            return "–"
        address = reverse("admin:knowledge_document_file", args=[document.pk])
        return format_html('<a href="{}">{}</a>', address, document.file_name or document.file.name)

    def get_inlines(self, request, obj):
        return [AddressInline] if hasattr(obj, "address") else []

    def save_formset(self, request, form, formset, change):
        keep_address(formset) if formset.model is Address else super().save_formset(request, form, formset, change)

    def add_view(self, request, form_url="", extra_context=None):
        return receive(self, request, None)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        document = self.get_object(request, object_id)
        if document is not None:
            extra_context = {
                **(extra_context or {}),
                **passages.context(document, request.GET),
                **flags.of_document(document),
            }
        return super().change_view(request, object_id, form_url, extra_context)

    def changelist_view(self, request, extra_context=None):
        pages.warn_without_model(request)
        return super().changelist_view(request, extra_context)

    def save_model(self, request, obj, form, change):
        """Only the title can be changed; it stands on citations, so what is cached or indexed is old."""
        super().save_model(request, obj, form, change)
        if "title" in form.changed_data:
            ingestion.rename(obj)
            tasks.start_asking(obj.persona_id)

    def history_view(self, request, object_id, extra_context=None):
        """What happened to a document stands in its persona's history."""
        document = self.get_object(request, object_id)
        if document is None or not self.has_view_permission(request, document):
            return super().history_view(request, object_id, extra_context)  # which refuses
        return redirect("admin:personas_persona_history", document.persona_id)

    def delete_model(self, request, obj):
        ingestion.forget(obj)

    def delete_queryset(self, request, queryset):
        for document in queryset:
            ingestion.forget(document)

    def get_deleted_objects(self, objs, request):
        named = [
            gettext("{title}, with {passages}").format(
                title=document.title, passages=_passages(document.passages.count())
            )
            for document in objs
        ]
        return named, {"documents": len(named)}, set() if self.has_delete_permission(request) else {"document"}, []

    @admin.action(description=_("Read again, for example after a failure"), permissions=["change"])
    def read_again(self, request, queryset):
        busy = queryset.filter(status=Document.Status.READING).count()
        waiting = list(queryset.exclude(status=Document.Status.READING))
        for document in waiting:
            progress.read_again(document)
        if waiting:
            self.message_user(
                request,
                gettext("{count} waiting to be read again.").format(count=pages.count(len(waiting))),
                messages.SUCCESS,
            )
        if busy:
            self.message_user(
                request,
                gettext("{count} being read at this moment and left alone.").format(count=pages.count(busy)),
                messages.WARNING,
            )

    @admin.action(description=_("Look for changes on the web now"), permissions=["change"])
    def look_up(self, request, queryset):
        found = list(Address.objects.filter(document__in=queryset))
        for address in found:
            tasks.start_looking_up(address)
        if found:
            self.message_user(
                request,
                gettext("{count} being looked up on the web.").format(count=pages.count(len(found))),
                messages.SUCCESS,
            )
        if len(found) < queryset.count():
            self.message_user(request, gettext("What has no web address was left alone."), messages.WARNING)


def _passages(number):
    return ngettext("{number} passage", "{number} passages", number).format(number=number)
