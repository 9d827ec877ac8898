"""A document's web address on its own page."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from knowledge.models import Address


class AddressInline(admin.StackedInline):
    """Where it stands, how often to look for changes, and what came of the last look."""

    model = Address
    fields = ["url", "every", "fetched_at", "outcome", "due_at"]
    readonly_fields = ["url", "fetched_at", "outcome", "due_at"]
    can_delete = False
    max_num = 0
    verbose_name_plural = _("On the web")


def keep(formset):
    """Save how often; the next time follows from it."""
    for address in formset.save(commit=False):
        address.due_at = address.next_time()
        address.save()
