"""Lists, forms and filters that know only the personas somebody looks after; and pages that are for nobody so limited."""

from django.contrib import admin
from django.db.models import Q

from personas import remits
from personas.models import Persona


class PersonaFilter(admin.RelatedFieldListFilter):
    """Chooses among the personas that this person may see."""

    def field_choices(self, field, request, model_admin):
        known = Q(pk__in=remits.personas(request.user).values("pk"))
        return field.get_choices(include_blank=False, ordering=["name"], limit_choices_to=known)


class Narrowed:
    """For a ModelAdmin of rows that belong to a persona: whoever is limited to some personas meets no row of another, and
    gives every row to one of theirs. Rows that belong to no persona are for those who are not limited."""

    to_persona = "persona"  # the way from a row to its persona

    def get_queryset(self, request):
        return self.narrow(super().get_queryset(request), request.user)

    def narrow(self, rows, user):
        return remits.narrow(rows, user, self.to_persona)

    def get_list_filter(self, request):
        return [(one, PersonaFilter) if one == "persona" else one for one in super().get_list_filter(request)]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.remote_field.model is not Persona or not remits.is_limited(request.user):
            return super().formfield_for_foreignkey(db_field, request, **kwargs)
        field = super().formfield_for_foreignkey(
            db_field, request, **{**kwargs, "queryset": remits.personas(request.user)}
        )
        field.required = True
        return field


class Undivided:
    """For a ModelAdmin of what belongs to the whole installation: not for those who are limited to some personas."""

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and not remits.is_limited(request.user)

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not remits.is_limited(request.user)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not remits.is_limited(request.user)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not remits.is_limited(request.user)
