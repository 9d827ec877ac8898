"""Records: looked at, never written by hand."""

from django.contrib import admin


class ReadOnly(admin.ModelAdmin):
    """Records: looked at, never written by hand."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
