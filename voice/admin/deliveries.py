"""Webhook bodies as they arrived."""

import json

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personas import remits
from personas.admin import Narrowed, badge
from voice import tasks
from voice.admin.records import ReadOnly
from voice.models import Delivery, Session


@admin.register(Delivery)
class DeliveryAdmin(Narrowed, ReadOnly):
    """Webhook bodies as they arrived."""

    list_display = ["received_at", "kind", "subject", "origin", "state", "attempts"]
    list_filter = ["kind", "origin", "received_at"]
    search_fields = ["subject"]
    fields = [
        "kind",
        "origin",
        "conversation",
        "received_at",
        "state",
        "read_at",
        "attempts",
        "problem",
        "body_as_read",
    ]
    readonly_fields = [*fields, "withheld"]
    actions = ["read_again"]

    class Media:
        css = {"all": ["admin/clone-advisor.css", "admin/timeline.css"]}

    def has_reread_permission(self, request):
        return request.user.has_perm("voice.change_delivery")

    def narrow(self, rows, user):
        """A delivery names a call, and the call's thread has the persona."""
        if not remits.is_limited(user):
            return rows
        calls = remits.narrow(Session.objects.all(), user, "conversation__persona")
        return rows.filter(subject__in=calls.order_by().values("elevenlabs_conversation_id"))

    def get_fields(self, request, obj=None):
        """A body holds what was said: it is for those who may read conversations."""
        may_read = request.user.has_perm("voice.view_conversation")
        return self.fields if may_read else [*self.fields[:-1], "withheld"]

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows if getattr(request.resolver_match, "url_name", "").endswith("change") else rows.defer("body")

    @admin.display(description=_("State"))
    def state(self, delivery):
        if delivery.read_at:
            return badge("good", gettext("Read"))
        return badge("bad", delivery.problem[:80]) if delivery.problem else badge("busy", gettext("Waiting"))

    @admin.display(description=_("Conversation"))
    def conversation(self, delivery):
        session = Session.objects.filter(elevenlabs_conversation_id=delivery.subject).first()
        if session is None:
            return delivery.subject or "none"
        address = reverse("admin:voice_conversation_change", args=[session.conversation_id])
        return format_html('<a href="{}">{}</a>', address, delivery.subject)

    @admin.display(description=_("Body"))
    def body_as_read(self, delivery):
        """Set out for reading when it is JSON, else just as it came."""
        try:
            shown = json.dumps(json.loads(delivery.body), ensure_ascii=False, indent=2)
        except (ValueError, RecursionError):
            shown = delivery.body
        shown = shown.encode("utf-8", "replace").decode()  # JSON can name half a surrogate pair; a page cannot hold it
        return format_html('<pre class="delivery-body" tabindex="0">{}</pre>', shown[:SHOWN])

    @admin.display(description=_("Body"))
    def withheld(self, delivery):
        return gettext("It holds what was said. To read it you need the right to see conversations.")

    @admin.action(description=_("Read again"), permissions=["reread"])
    def read_again(self, request, queryset):
        queryset.update(read_at=None, attempts=0)
        for delivery in queryset:
            tasks.start(tasks.read_delivery, delivery.pk)
        self.message_user(
            request, gettext("{count} are being read again.").format(count=len(queryset)), messages.SUCCESS
        )


SHOWN = 200_000  # characters of a body on its page: a browser takes no more of it calmly
