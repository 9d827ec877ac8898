"""Documents for staff: added beside their persona, watched while they are read, tried with a question."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html

from knowledge import answering, claims, embeddings, ingestion, naming, retrieval, shelf, tasks
from knowledge.forms import DocumentsForm, QuestionForm
from knowledge.models import Document
from knowledge.reading import UnreadableDocument
from personas.admin import PersonaAdmin as PersonasOwnAdmin
from personas.admin import badge
from personas.models import Persona

KINDS = {
    Document.Status.WAITING: "busy",
    Document.Status.READING: "busy",
    Document.Status.READY: "good",
    Document.Status.FAILED: "bad",
}
PASSAGES_ON_A_PAGE = 50


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


admin.site.unregister(Persona)


@admin.register(Persona)
class PersonaAdmin(PersonasOwnAdmin):
    """A persona with its documents."""

    change_form_template = "admin/knowledge/persona_change_form.html"
    inlines = [*PersonasOwnAdmin.inlines, DocumentInline]
    list_display = [*PersonasOwnAdmin.list_display, "documents_ready"]

    class Media:
        css = {"all": ["admin/knowledge.css"]}

    def get_queryset(self, request):
        ready = Count("documents", filter=Q(documents__status=Document.Status.READY), distinct=True)
        return super().get_queryset(request).annotate(document_count=Count("documents", distinct=True), ready=ready)

    @admin.display(description="Documents ready")
    def documents_ready(self, persona):
        return f"{persona.ready} of {persona.document_count}"

    def get_urls(self):
        own = [
            path("<path:object_id>/documents/add/", self._guard(self.add_documents), name="knowledge_add_documents"),
            path("<path:object_id>/try/", self._guard(self.try_question), name="knowledge_try_question"),
        ]
        return own + super().get_urls()

    def _guard(self, view):
        return self.admin_site.admin_view(view)

    def add_documents(self, request, object_id):
        """Many files and a text at once."""
        return _receive(self, request, self._find(request, object_id))

    def try_question(self, request, object_id):
        """Ask this persona, and see what was found, why, and how long it took."""
        persona = self._find(request, object_id)
        form = QuestionForm(request.GET or None)
        context = _context(self, request, persona, f"Try a question: {persona.name}") | {"form": form}
        if form.is_valid():
            context |= _try(persona, form.cleaned_data["question"])
        return render(request, "admin/knowledge/try_question.html", context)

    def _find(self, request, object_id):
        persona = self.get_object(request, object_id)
        if persona is None:
            raise Http404("There is no such persona.")
        if not self.has_view_permission(request, persona):
            raise PermissionDenied
        return persona

    def get_deleted_objects(self, objs, request):
        """How many of what goes, instead of every passage by name."""
        _, counts, needed, protected = super().get_deleted_objects(objs, request)
        named = [str(persona) for persona in objs] + [f"{name}: {count}" for name, count in counts.items()]
        return named, counts, needed, protected


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
        return _receive(self, request, None)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        document = self.get_object(request, object_id)
        if document is not None:
            pages = Paginator(
                document.passages.order_by("position").defer("vector", "sentence_vectors"), PASSAGES_ON_A_PAGE
            )
            extra_context = {**(extra_context or {}), "passages": pages.get_page(request.GET.get("passages"))}
        return super().change_view(request, object_id, form_url, extra_context)

    def changelist_view(self, request, extra_context=None):
        _warn_without_model(request)
        return super().changelist_view(request, extra_context)

    def save_model(self, request, obj, form, change):
        """Only the title can be changed; it stands on citations, so what is cached or indexed is old."""
        super().save_model(request, obj, form, change)
        if "title" in form.changed_data:
            ingestion.rename(obj)

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
            self.message_user(request, f"{_count(len(waiting))} waiting to be read again.", messages.SUCCESS)
        if busy:
            self.message_user(request, f"{_count(busy)} being read at this moment and left alone.", messages.WARNING)


def _receive(model_admin, request, persona):
    """The page on which documents are given, for one persona or with a choice of them."""
    if not request.user.has_perm("knowledge.add_document"):
        raise PermissionDenied
    _warn_without_model(request)
    form = DocumentsForm(request.POST or None, request.FILES or None, persona=persona)
    if request.method == "POST" and form.is_valid():
        chosen = persona or form.cleaned_data["persona"]
        _take_in(request, chosen, form.cleaned_data)
        return redirect("admin:personas_persona_change", chosen.pk)
    title = f"Add documents: {persona.name}" if persona else "Add documents"
    context = _context(model_admin, request, persona, title) | {"form": form}
    return render(request, "admin/knowledge/add_documents.html", context)


def _take_in(request, persona, given):
    """Receive every file and the text; one that is refused keeps no other back."""
    sources = [{"file": file} for file in given["files"]] + ([{"text": given["text"]}] if given["text"].strip() else [])
    received = 0
    for source in sources:
        name = naming.clean_name(source["file"].name) if "file" in source else "The text"
        try:
            document = ingestion.receive(persona, given["title"] if len(sources) == 1 else "", **source)
        except (UnreadableDocument, ingestion.NotStored) as refusal:
            messages.error(request, f"{name}: {refusal}")
        except ingestion.AlreadyKnown as known:
            messages.info(request, f"{name}: {known}")
        else:
            received += 1
            tasks.start_reading(document.pk)
    if received:
        messages.success(request, f"{_count(received)} waiting to be read. Reload this page to see how far it is.")


def _try(persona, question):
    try:
        trial = answering.look_up(persona, question)
    except shelf.NotInTime:
        return {"problem": "The index is still being built. Try again in a moment."}
    found = [(match, *retrieval.explain(trial.search, match, question)) for match in trial.search.matches]
    return {"trial": trial, "found": found, "total": sum(trial.answer.milliseconds.values())}


def _context(model_admin, request, persona, title):
    return {
        **model_admin.admin_site.each_context(request),
        "opts": Persona._meta,
        "persona": persona,
        "title": title,
        "media": model_admin.media,
        "embedding": embeddings.status(),
    }


def _warn_without_model(request):
    status = embeddings.status()
    if not status.ready:
        messages.warning(request, status.problem)


def _count(number):
    return "1 document is" if number == 1 else f"{number} documents are"


def _passages(number):
    return "1 passage" if number == 1 else f"{number} passages"
