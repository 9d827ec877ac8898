"""Letting old rows go: a few in each transaction, so that nobody waits for it."""

import time

from django.db.models import Exists, OuterRef, Q, Subquery

from personas.models import Persona
from personas.story import parts

AT_ONCE = 500
LONGEST_PAUSE = 0.2  # seconds


class Patience:
    """So many seconds for all of it; what is left over goes with the next run."""

    def __init__(self, seconds):
        self._until = time.monotonic() + seconds

    @property
    def is_over(self):
        return time.monotonic() >= self._until


def let_go(rows, patience):
    """Delete a queryset's rows in its order; how many went, what hangs on them not counted. Safe from two workers at once. Between
    two transactions others have as long as one took: SQLite has one writer at a time."""
    gone = 0
    while not patience.is_over:
        began = time.monotonic()
        some = list(rows.values_list("pk", flat=True)[:AT_ONCE])
        _, by_model = rows.order_by().filter(pk__in=some).delete()
        gone += by_model.get(rows.model._meta.label, 0)
        if len(some) < AT_ONCE:
            break
        time.sleep(min(time.monotonic() - began, LONGEST_PAUSE))
    return gone


def let_history_go(before, patience):
    """Delete what personas were before a moment, and how many rows that was. What a persona was at that moment stays, whole, and
    every version since: only rows go that another row had taken the place of by then."""
    # A persona's questions are read as its own version of then left them: theirs go by its moment, and before it does.
    gone = sum(let_go(_replaced(model.history, _moment("persona_id", before)), patience) for model in parts())
    return gone + let_go(_replaced(Persona.history, _moment("id", before)), patience)


def _moment(column, before):
    """When the persona's row came to be that held at ``before``."""
    rows = Persona.history.filter(id=OuterRef(column), history_date__lt=before).order_by("-history_date", "-history_id")
    return Subquery(rows.values("history_date")[:1])


def _replaced(history, moment):
    """Rows that were replaced by that moment, and those of what was deleted by then."""
    rows = history.annotate(moment=moment).filter(history_date__lte=moment)
    later = Q(history_date__gt=OuterRef("history_date"))
    later |= Q(history_date=OuterRef("history_date"), history_id__gt=OuterRef("history_id"))
    newer = history.filter(later, id=OuterRef("id"), history_date__lte=OuterRef("moment"))
    return rows.filter(Exists(newer) | Q(history_type="-")).order_by("history_date", "history_id")
