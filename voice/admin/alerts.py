"""What is wrong now, and what was."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from personas import remits
from personas.admin import Undivided, badge
from voice import gateway, watch
from voice.admin.records import ReadOnly
from voice.clock import lasting
from voice.models import Alert, Silence


@admin.register(Silence)
class SilenceAdmin(Undivided, admin.ModelAdmin):
    """Times in which nobody is written to."""

    list_display = ["__str__", "begins_at", "ends_at", "by"]

    def save_model(self, request, silence, form, change):
        silence.by = silence.by or request.user
        super().save_model(request, silence, form, change)


@admin.register(Alert)
class AlertAdmin(Undivided, ReadOnly):
    """What is wrong now, and what was."""

    list_display = ["alert", "state", "since", "told_at", "told_by", "over_at", "over_told_at"]
    list_display_links = ["alert"]
    list_filter = ["kind", "since"]
    fields = ["alert", "state", "told_words", "since", "told_at", "told_by", "over_at", "over_told_at"]
    readonly_fields = fields
    change_form_template = "admin/voice/alert_change_form.html"

    class Media:
        css = {"all": ["admin/clone-advisor.css"]}

    def get_urls(self):
        door = self.admin_site.admin_view(require_POST(self._switch_on))
        own = path("<int:pk>/switch-on/", door, name="voice_alert_switch_on")
        return [own, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        alert = self.get_object(request, object_id)
        mendable = alert is not None and alert.kind == Alert.Kind.WEBHOOK and alert.over_at is None
        context = {"may_switch_on": mendable and _may_mend(request)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def _switch_on(self, request, pk):
        """Have ElevenLabs send reports again, and look whether it does."""
        if not _may_mend(request):
            raise PermissionDenied
        alert = get_object_or_404(Alert, pk=pk, kind=Alert.Kind.WEBHOOK)
        try:
            watch.switch_webhook_on()
        except gateway.GatewayError as fault:
            self.message_user(request, gettext("Not switched on. {fault}").format(fault=fault), messages.ERROR)
        else:
            self.log_change(request, alert, gettext("Had the post-call webhook switched on again."))
            alert.refresh_from_db()
            said = (
                gettext("Reports are sent again.")
                if alert.over_at
                else gettext("A new webhook is being made; look again in a minute.")
            )
            self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:voice_alert_change", args=[pk]))

    @admin.display(description=_("Alert"), ordering="kind")
    def alert(self, alert):
        return str(alert)

    @admin.display(description=_("State"))
    def state(self, alert):
        return (
            badge("quiet", gettext("Over"))
            if alert.over_at
            else badge("bad", gettext("For {lasting}").format(lasting=lasting(alert.since)))
        )

    @admin.display(description=_("What is wrong, and what to do"))
    def told_words(self, alert):
        return format_html("<p>{}</p>", alert.words)


def _may_mend(request):
    return request.user.has_perm("voice.change_alert") and not remits.is_limited(request.user)
