"""Who may talk: people, groups and a percentage, for all personas or for one; the kill switch; what was held back."""

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from personas import remits
from personas.admin import Narrowed, badge
from voice import audit, objectives
from voice.clock import lasting
from voice.models import Deed, Flag


@admin.register(Flag)
class FlagAdmin(Narrowed, admin.ModelAdmin):
    """Who may talk. The general row, or none, holds for every persona without a row of its own."""

    list_display = ["about", "state", "who", "percent", "modified"]
    list_display_links = ["about"]
    list_select_related = ["persona"]
    fieldsets = [
        (None, {"fields": ["persona", "everyone", "percent", "state"]}),
        (_("Always allowed"), {"fields": ["users", "groups", "staff", "superusers", "authenticated"]}),
        (None, {"fields": ["note"]}),
    ]
    readonly_fields = ["state"]
    autocomplete_fields = ["users", "groups"]
    ordering = [F("persona__name").asc(nulls_first=True)]
    change_form_template = "admin/voice/flag_change_form.html"
    change_list_template = "admin/voice/flag_change_list.html"

    class Media:
        css = {"all": ["admin/clone-advisor.css", "admin/rollout.css"]}

    def get_urls(self):
        doors = {"kill": self._kill, "revive": self._revive, "go-on": self._go_on}
        own = [
            path(f"<int:pk>/{name}/", self._door(view), name=f"voice_flag_{name.replace('-', '_')}")
            for name, view in doors.items()
        ]
        return [path("kill/", self._door(self._kill_all), name="voice_flag_kill_all"), *own, *super().get_urls()]

    def _door(self, view):
        """For a button: POST only, and only for those who may change a rollout."""

        def open_to_changers(request, **named):
            if not self.has_change_permission(request):
                raise PermissionDenied
            return view(request, **named)

        return self.admin_site.admin_view(require_POST(open_to_changers))

    def get_readonly_fields(self, request, obj=None):
        """Which persona a row is about does not change: its people were drawn for that one."""
        return [*self.readonly_fields, "persona"] if obj else self.readonly_fields

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if "everyone" in form.base_fields:
            form.base_fields["everyone"].help_text = _t(
                "Yes: everybody may talk. No: nobody. Unknown: those named below, and the percentage."
            )
        if "percent" in form.base_fields:
            form.base_fields["percent"].help_text = _t(
                "Of all people, 0.0 to 99.9. Who is in stays in while you raise it; each persona draws its own."
            )
        return form

    def changelist_view(self, request, extra_context=None):
        general = Flag.objects.filter(persona=None).first()
        may_kill = self.has_change_permission(request) and not remits.is_limited(request.user)
        context = {"general": general, "may_kill": may_kill}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def change_view(self, request, object_id, form_url="", extra_context=None):
        context = {"may_kill": self.has_change_permission(request)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def _kill_all(self, request):
        if remits.is_limited(request.user):
            raise PermissionDenied
        flag, _made = Flag.objects.get_or_create(
            persona=None, defaults={"everyone": settings.ENABLE_VOICE_CHAT or None}
        )
        return self._kill(request, flag.pk)

    def _kill(self, request, pk):
        flag = get_object_or_404(self.get_queryset(request), pk=pk)
        Flag.objects.filter(pk=pk, killed_at=None).update(killed_at=timezone.now())
        audit.write(Deed.What.VOICE_OFF, persona=flag.persona_id, about=flag)
        self.log_change(request, flag, gettext("Switched off."))
        return self._back(
            request, flag, _t("Voice is off: nobody may begin a call. Calls that run go on to their end.")
        )

    def _revive(self, request, pk):
        flag = get_object_or_404(self.get_queryset(request), pk=pk)
        Flag.objects.filter(pk=pk).update(killed_at=None)
        audit.write(Deed.What.VOICE_ON, persona=flag.persona_id, about=flag)
        self.log_change(request, flag, gettext("Switched on again."))
        return self._back(request, flag, _t("Voice is on again for those who may talk."))

    def _go_on(self, request, pk):
        flag = get_object_or_404(self.get_queryset(request), pk=pk)
        objectives.release(flag)
        audit.write(Deed.What.ROLLOUT_CHANGED, persona=flag.persona_id, about=flag)
        self.log_change(request, flag, gettext("Went on after a hold."))
        told = _t("The percentage counts again. What went wrong before now is not held against it.")
        return self._back(request, flag, told)

    def _back(self, request, flag, told):
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:voice_flag_change", args=[flag.pk]))

    @admin.display(description=_("About"), ordering="persona__name")
    def about(self, flag):
        return str(flag)

    @admin.display(description=_("State"))
    def state(self, flag):
        if flag.killed_at:
            return badge("bad", _t("Off for %(time)s") % {"time": lasting(flag.killed_at)})
        if flag.held_at:
            return badge("bad", _t("Held for %(time)s") % {"time": lasting(flag.held_at)})
        if flag.everyone is not None:
            return badge("good", _t("On for all")) if flag.everyone else badge("quiet", _t("Off for all"))
        return badge("busy", _t("On for some"))

    @admin.display(description=_("Always allowed"))
    def who(self, flag):
        kinds = [(flag.superusers, _t("superusers")), (flag.staff, _t("staff")), (flag.authenticated, _t("signed in"))]
        named = [word for on, word in kinds if on] + [str(group) for group in flag.groups.all()]
        people = flag.users.count()
        return ", ".join(named + ([_t("%(count)s by name") % {"count": people}] if people else [])) or "–"
