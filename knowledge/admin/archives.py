"""A persona as a file, from a file, and as a second one: the pages and the buttons."""

import tempfile

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from knowledge import archives, tasks
from knowledge.admin import pages
from knowledge.forms import ArchiveForm

HELD = ["knowledge.view_document", "knowledge.view_goldenquestion"]  # what an archive holds beside the persona


class ArchivePages:
    """Export, import and duplicate, for the ModelAdmin of personas."""

    change_list_template = "admin/knowledge/persona_change_list.html"

    def get_urls(self):
        guard = self.admin_site.admin_view
        own = [
            path("import/", guard(self.import_persona), name="knowledge_import_persona"),
            path("<path:object_id>/export/", guard(self.export_persona), name="knowledge_export_persona"),
            path("<path:object_id>/duplicate/", guard(self.duplicate_persona), name="knowledge_duplicate_persona"),
        ]
        return own + super().get_urls()

    def import_persona(self, request):
        """A draft from an archive; a refusal says why, and nothing was made."""
        if not self._may_make(request):
            raise PermissionDenied
        form = ArchiveForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                made = archives.unpack(form.cleaned_data["file"], form.cleaned_data["slug"])
            except archives.BadArchive as refusal:
                form.add_error(None, gettext("Nothing was imported. {refusal}").format(refusal=refusal))
            else:
                return self._welcome(
                    request, made, gettext("Imported. It is a draft"), gettext("Imported from a file.")
                )
        context = pages.context(self, request, None, gettext("Import a persona")) | {"form": form}
        return render(request, "admin/knowledge/import_persona.html", context)

    @method_decorator(require_safe)
    def export_persona(self, request, object_id):
        """The persona's archive, as a download. It is packed on disk, so that a refusal comes before the first byte."""
        persona = self._find(request, object_id)
        if not request.user.has_perms(HELD):
            raise PermissionDenied
        file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
        try:
            archives.pack(persona, file)
        except archives.CannotBePacked as refusal:
            file.close()
            messages.error(request, gettext("Nothing was exported. {refusal}").format(refusal=refusal))
            return redirect("admin:personas_persona_change", persona.pk)
        file.seek(0)
        self.log_change(request, persona, gettext("Exported to a file."))
        return FileResponse(file, as_attachment=True, filename=f"{persona.slug}.persona.zip")

    def duplicate_persona(self, request, object_id):
        """Asks first; a POST makes the copy."""
        persona = self._find(request, object_id)
        if not self._may_make(request):
            raise PermissionDenied
        if request.method == "POST":
            made = self._copy(request, persona)
            return redirect("admin:personas_persona_change", (made or persona).pk)
        context = pages.context(self, request, persona, gettext("Duplicate: {name}").format(name=persona.name))
        return render(request, "admin/knowledge/duplicate_persona.html", context)

    @admin.action(description=_("Duplicate: a draft copy that knows the same"), permissions=["add"])
    def duplicate(self, request, queryset):
        if not self._may_make(request):
            raise PermissionDenied
        for persona in queryset:
            self._copy(request, persona)

    def _copy(self, request, persona):
        try:
            made = archives.copy(persona)
        except OSError:
            messages.error(
                request,
                gettext("{name}: a file could not be copied, so nothing was. Try again later.").format(
                    name=persona.name
                ),
            )
            return None
        self._welcome(
            request,
            made,
            gettext("{name} is a draft that knows what {original} knows").format(name=made.name, original=persona.name),
            gettext("Duplicated."),
        )
        return made

    def _welcome(self, request, made, said, logged):
        waiting = list(made.documents.waiting())
        for document in waiting:
            tasks.start_reading(document.pk)
        self.log_addition(request, made, logged)
        more = (
            gettext(", and {documents} waiting to be read").format(documents=pages.count(len(waiting)))
            if waiting
            else ""
        )
        sentence = gettext("{said}, at {address} for staff{more}.")
        messages.success(request, sentence.format(said=said, address=f"/chat/{made.slug}/", more=more))
        return redirect("admin:personas_persona_change", made.pk)

    def _may_make(self, request):
        return self.has_add_permission(request) and request.user.has_perm("knowledge.add_document")
