"""Who is limited to which personas."""

from django.contrib import admin

from personas.admin.narrowing import Undivided
from personas.models import Remit


@admin.register(Remit)
class RemitAdmin(Undivided, admin.ModelAdmin):
    """For those who give rights; no group has it to begin with."""

    list_display = ["__str__", "names"]
    list_select_related = ["user", "group"]
    filter_horizontal = ["personas"]
    fields = ["user", "group", "personas"]
    autocomplete_fields = ["user", "group"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("personas")

    @admin.display(description=Remit._meta.get_field("personas").verbose_name)
    def names(self, remit):
        return ", ".join(persona.name for persona in remit.personas.all()) or "–"
