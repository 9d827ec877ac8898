"""A persona with its documents, and a question to try."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, Subquery
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from knowledge import changeovers
from knowledge.admin import flags, golden, trying
from knowledge.admin.archives import ArchivePages
from knowledge.admin.columns import DocumentInline
from knowledge.admin.receiving import receive
from knowledge.models import Document, Gap
from personas.admin import PersonaAdmin as PersonasOwnAdmin
from personas.models import Persona

admin.site.unregister(Persona)


@admin.register(Persona)
class PersonaAdmin(ArchivePages, PersonasOwnAdmin):
    """A persona with its documents."""

    change_form_template = "admin/knowledge/persona_change_form.html"
    inlines = [*PersonasOwnAdmin.inlines, DocumentInline]
    # What has to be looked after comes before what describes: a list on a laptop shows eight columns.
    list_display = ["name", "status_badge", "documents_ready", "golden_badge", "unanswered", "flagged", "language"]
    actions = [*PersonasOwnAdmin.actions, "duplicate"]

    class Media:
        css = {"all": ["admin/knowledge.css"]}

    def get_queryset(self, request):
        ready = Count("documents", filter=Q(documents__status=Document.Status.READY), distinct=True)
        counted = super().get_queryset(request).annotate(document_count=Count("documents", distinct=True), ready=ready)
        return counted.annotate(
            golden=golden.newest_result(), open_gaps=_open_gaps(), open_flags=flags.open_of_personas()
        )

    @admin.display(description=gettext_lazy("Documents"))
    def documents_ready(self, persona):
        return gettext("{ready} of {document_count}").format(ready=persona.ready, document_count=persona.document_count)

    @admin.display(description=gettext_lazy("Golden"))
    def golden_badge(self, persona):
        return golden.result_badge(persona)

    @admin.display(description=gettext_lazy("Unanswered"))
    def unanswered(self, persona):
        if not persona.open_gaps:
            return "–"
        address = f"{reverse('admin:knowledge_gap_changelist')}?persona__id__exact={persona.pk}"
        return format_html('<a href="{}">{}</a>', address, persona.open_gaps)

    @admin.display(description=gettext_lazy("Flags"))
    def flagged(self, persona):
        return flags.link(persona, persona.open_flags)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        persona = self.get_object(request, object_id)
        standing = persona and changeovers.describe(persona)
        return super().change_view(
            request,
            object_id,
            form_url,
            {**(extra_context or {}), "changeover": standing, "open_flags": persona and persona.open_flags},
        )

    def get_urls(self):
        own = [
            path("<path:object_id>/documents/add/", self._guard(self.add_documents), name="knowledge_add_documents"),
            path("<path:object_id>/try/", self._guard(self.try_question), name="knowledge_try_question"),
        ]
        pages = [
            path(f"<path:object_id>/{address}", self._page(view, methods, permissions), name=f"knowledge_{name}")
            for address, name, view, methods, permissions in golden.PAGES
        ]
        return own + pages + super().get_urls()

    def _guard(self, view):
        return self.admin_site.admin_view(view)

    def _page(self, view, methods, permissions):
        """A view of one persona, for whoever may see the persona and has the permissions besides."""

        def page(request, object_id, **more):
            persona = self._find(request, object_id)
            if not request.user.has_perms(permissions):
                raise PermissionDenied
            return view(self, request, persona, **more)

        return self._guard(require_http_methods(methods)(page))

    def add_documents(self, request, object_id):
        """Many files and a text at once."""
        return receive(self, request, self._find(request, object_id))

    def try_question(self, request, object_id):
        """Ask this persona, and see what was found in its documents, why, and how long it took."""
        persona = self._find(request, object_id)
        if not request.user.has_perm("knowledge.view_document"):
            raise PermissionDenied
        return trying.show(self, request, persona, self.try_panels)

    def try_panels(self, persona, question, trial):
        """What rooms to the left show beside the answer: [{"template": name, …}, …]."""
        return []

    def get_deleted_objects(self, objs, request):
        """How many of what goes, instead of every passage by name."""
        _, counts, needed, protected = super().get_deleted_objects(objs, request)
        named = [str(persona) for persona in objs] + [f"{name}: {count}" for name, count in counts.items()]
        return named, counts, needed, protected


def _open_gaps():
    rows = Gap.objects.open().filter(persona=OuterRef("pk")).order_by().values("persona")
    return Subquery(rows.values(count=Count("*")))
