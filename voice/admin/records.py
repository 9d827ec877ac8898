"""Records: looked at, never written by hand."""

from django.contrib import admin


class ReadOnly(admin.ModelAdmin):
    """Records: looked at, never written by hand. ``linked`` names what addresses of the dashboard may narrow a list by,
    beside what its filters offer."""

    linked = ()

    def lookup_allowed(self, lookup, value, request=None):
        return lookup in self.linked or super().lookup_allowed(lookup, value, request)

    def get_deleted_objects(self, objs, request):
        """How many of what goes, instead of all that was said: who may delete need not read."""
        _, counts, needed, protected = super().get_deleted_objects(objs, request)
        return [f"{name}: {count}" for name, count in counts.items()], counts, needed, protected

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
