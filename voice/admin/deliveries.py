"""Webhook bodies as they arrived."""

from django.contrib import admin, messages

from personas.admin import badge
from voice import tasks
from voice.admin.records import ReadOnly
from voice.models import Delivery


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    """Webhook bodies as they arrived."""

    list_display = ["received_at", "kind", "subject", "state", "attempts"]
    list_filter = ["kind", "received_at"]
    search_fields = ["subject"]
    actions = ["read_again"]

    class Media:
        css = {"all": ["admin/clone-advisor.css"]}

    @admin.display(description="State")
    def state(self, delivery):
        if delivery.read_at:
            return badge("good", "Read")
        return badge("bad", delivery.problem[:80]) if delivery.problem else badge("busy", "Waiting")

    @admin.action(description="Read again", permissions=["view"])
    def read_again(self, request, queryset):
        queryset.update(read_at=None, attempts=0)
        for delivery in queryset:
            tasks.start(tasks.read_delivery, delivery.pk)
        self.message_user(request, f"{len(queryset)} are being read again.", messages.SUCCESS)
