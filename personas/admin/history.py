"""A persona's history in the admin: what was done, and the way back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.formats import date_format
from django.utils.translation import gettext

from personas import story, versions

ON_A_PAGE = 50


class HistoryPages:
    """The pages of a persona's history, for a ModelAdmin."""

    def get_urls(self):
        address = "<path:object_id>/history/<int:version>/"
        view = self.admin_site.admin_view(self.restore_view)
        return [path(address, view, name="personas_persona_restore"), *super().get_urls()]

    def history_view(self, request, object_id, extra_context=None):
        """Everything that was done to the persona, newest first."""
        persona = self._find(request, object_id)
        told = Paginator(story.entries(persona), ON_A_PAGE).get_page(request.GET.get("p"))
        newest = persona.history.first()
        context = self._frame(request, persona, gettext("History: {name}").format(name=persona.name)) | {
            "told": told,
            "newest": newest.history_id if newest else None,
            "may_change": self.has_change_permission(request, persona),
        }
        return render(request, "admin/personas/history.html", context)

    def restore_view(self, request, object_id, version):
        """What going back would change; a POST goes back."""
        persona = self._find(request, object_id)
        if not self.has_change_permission(request, persona):
            raise PermissionDenied
        try:
            then, _ = versions.find(persona, version)
            problem = self.find_doubt(then)
            if request.method == "POST" and not problem:
                return self._restore(request, persona, version, then)
            changes = versions.compare(persona, version)
        except versions.NoWayBack as refusal:
            messages.error(request, gettext("Nothing was changed. {refusal}").format(refusal=refusal))
            return redirect("admin:personas_persona_history", persona.pk)
        context = self._frame(request, persona, gettext("Go back: {name}").format(name=persona.name))
        context |= {"then": then, "changes": changes, "problem": problem}
        return render(request, "admin/personas/restore.html", context)

    def find_doubt(self, then):
        """Why an earlier state cannot be had any more, as a sentence, or "". For rooms that know more than this one."""
        return ""

    def _find(self, request, object_id):
        """The persona, for somebody who may look at it."""
        persona = self.get_object(request, object_id)
        if persona is None:
            raise Http404(gettext("There is no such persona."))
        if not self.has_view_permission(request, persona):
            raise PermissionDenied
        return persona

    def _restore(self, request, persona, version, then):
        versions.restore(persona, version)
        when = date_format(then.history_date, "DATETIME_FORMAT")
        self.message_user(
            request,
            gettext("{name} is again what it was on {when}.").format(name=persona.name, when=when),
            messages.SUCCESS,
        )
        return redirect("admin:personas_persona_change", persona.pk)

    def _frame(self, request, persona, title):
        frame = {"opts": self.opts, "persona": persona, "title": title, "media": self.media}
        return self.admin_site.each_context(request) | frame
