"""Rows whose name is what a visitor said stand in Django's own log by their number."""


class Nameless:
    """For a ModelAdmin: its entries in the log outlive their rows, so they have a row's key and none of its words."""

    def log_addition(self, request, obj, message):
        return super().log_addition(request, _Numbered(obj), message)

    def log_change(self, request, obj, message):
        return super().log_change(request, _Numbered(obj), message)

    def log_deletions(self, request, queryset):
        return super().log_deletions(request, [_Numbered(row) for row in queryset])


class _Numbered:
    """As much of a row as the log asks for. In no language: it is written down."""

    def __init__(self, row):
        self._meta, self.pk = row._meta, row.pk

    def __str__(self):
        return f"#{self.pk}"
