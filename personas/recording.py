"""Rows of history: what was changed, when, by whom, and when nobody was signed in, by what."""

import sys
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import PurePath

from celery import current_task
from simple_history.models import HistoricalRecords

LONGEST = 100  # of a reason; the column's length
RENEWED = "A new version took the place of the one before"  # why a row goes whose content moved on

_reason = ContextVar("reason", default="")


@contextmanager
def because(reason):
    """Give every change inside this reason, unless it has one of its own."""
    before = _reason.set(reason)
    try:
        yield
    finally:
        _reason.reset(before)


class Records(HistoricalRecords):
    """The history of a model's rows. Of ``kept`` fields only, where not everything may outlive its row."""

    def __init__(self, *, kept=None, **options):
        super().__init__(**options)
        self.kept = kept

    def fields_included(self, model):
        included = super().fields_included(model)
        return included if self.kept is None else [field for field in included if field.name in self.kept]

    def get_change_reason_for_object(self, instance, history_type, using):
        """Why, and before it the program when no person did it: "manage.py load_demo"."""
        reason = getattr(instance, "_change_reason", None) or _reason.get()
        program = "" if self.get_history_user(instance) else find_program()
        return ": ".join(str(part) for part in (program, reason) if part)[:LONGEST] or None


def find_program():
    """The task or the command that is running, or ""."""
    if current_task:
        return f"task {current_task.name}"
    if PurePath(sys.argv[0]).name == "manage.py" and len(sys.argv) > 1:
        return f"manage.py {sys.argv[1]}"
    return ""
