"""The audit log: read, filtered and taken away as a file; nobody writes in it."""

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.admin.views.main import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from knowledge import sheets
from personas.admin import Undivided
from voice.admin.records import ReadOnly
from voice.models import Deed

COLUMNS = ("at", "by", "name", "what", "persona", "about", "conversation", "address", "outcome")
MOST = 100_000  # rows of a file: choose a day or a person for more


@admin.register(Deed)
class DeedAdmin(Undivided, ReadOnly):
    """Newest first."""

    list_display = ["at", "whoever", "what", "persona", "about", "outcome"]
    list_display_links = ["at"]
    list_filter = [
        "what",
        "by",
        ("user", RelatedOnlyFieldListFilter),
        ("persona", RelatedOnlyFieldListFilter),
        "outcome",
        "at",
    ]
    search_fields = ["name", "about", "conversation"]
    list_select_related = ["persona"]
    date_hierarchy = "at"
    show_full_result_count = False
    actions = None
    fields = ["at", "by", "name", "what", "persona", "about", "conversation", "address", "outcome"]
    readonly_fields = fields
    change_list_template = "admin/voice/deed_change_list.html"

    class Media:
        css = {"all": ["admin/clone-advisor.css"]}

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        return [path("csv/", self.admin_site.admin_view(self.file), name="voice_deed_csv"), *super().get_urls()]

    @method_decorator(require_safe)
    def file(self, request):
        """What the list shows with these filters, of all its pages."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)[:MOST]
        except IncorrectLookupParameters:
            return redirect("admin:voice_deed_changelist")
        response = HttpResponse(sheets.write(COLUMNS, map(_cells, rows)), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
        return response

    @admin.display(description=_("who"), ordering="name")
    def whoever(self, deed):
        return deed.who


def _cells(deed):
    """As they are kept, so that a program finds the same words whatever language somebody reads."""
    who = [deed.at.isoformat(timespec="seconds"), deed.by, deed.name, deed.what]
    return [*who, str(deed.persona_id or ""), deed.about, deed.conversation, deed.address, deed.outcome]
