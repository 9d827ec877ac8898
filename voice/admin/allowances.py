"""How many minutes of voice somebody may use."""

from django.contrib import admin

from personas.admin import Narrowed
from voice.models import Allowance


@admin.register(Allowance)
class AllowanceAdmin(Narrowed, admin.ModelAdmin):
    """The settings VOICE_MINUTES_… hold where there is no row."""

    list_display = ["whose", "of", "per", "much"]
    list_filter = ["of", "per"]
    list_select_related = ["user", "group", "persona"]
    autocomplete_fields = ["user", "group", "persona"]
    fields = ["of", "per", "minutes", "user", "group", "persona"]

    @admin.display(description="Whose calls")
    def whose(self, allowance):
        return allowance.whose

    @admin.display(description="Minutes", ordering="minutes")
    def much(self, allowance):
        return "no limit" if allowance.minutes is None else allowance.minutes
