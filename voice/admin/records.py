"""Records: looked at, never written by hand."""

from django.contrib import admin


class ReadOnly(admin.ModelAdmin):
    """Records: looked at, never written by hand. ``linked`` names what addresses of the dashboard may narrow a list by,
    beside what its filters offer."""

    linked = ()

    def lookup_allowed(self, lookup, value, request=None):
        return lookup in self.linked or super().lookup_allowed(lookup, value, request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
