"""The ElevenLabs account: plan, credits, what the key may do, and how far a change of secrets is."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from personas.admin import Undivided
from voice import waiting
from voice.admin.records import ReadOnly
from voice.agents import account, rotation
from voice.models import Workspace


@admin.register(Workspace)
class AccountAdmin(Undivided, ReadOnly):
    """One page in place of a list of one row. Looking at it asks nobody."""

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        look = self.admin_site.admin_view(self.look_again)
        return [path("look/", look, name="voice_workspace_look"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("ElevenLabs account"),
            "opts": self.opts,
            "key": account.key_in_words(),
            "account": account.known_now(),
            "lines": waiting.counts(),
            "rotations": {_("Service token"): rotation.token(), _("Webhook's secret"): rotation.webhook()},
        }
        return TemplateResponse(request, "admin/voice/account.html", context)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:voice_workspace_changelist"))

    def look_again(self, request):
        """A POST, since it asks ElevenLabs a dozen things."""
        if not (self.has_view_permission(request) and request.user.has_perm("voice.change_workspace")):
            raise PermissionDenied
        if request.method == "POST":
            found = account.look()
            good = not found.problem and not found.lacking
            words = found.problem or (
                _("The key may do everything that is needed.")
                if good
                else _("The key may not do {count} of the things that are needed.").format(count=len(found.lacking))
            )
            self.message_user(request, words, messages.SUCCESS if good else messages.WARNING)
        return HttpResponseRedirect(reverse("admin:voice_workspace_changelist"))
