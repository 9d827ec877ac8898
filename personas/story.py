"""What was done to a persona: by whom, when, why, told in order."""

from dataclasses import dataclass, field

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from personas.models import Persona, StarterQuestion
from personas.recording import RENEWED
from personas.versions import ONE_SAVE, compare_rows

MOST = 300  # rows of each kind that are looked at, newest first


@dataclass(slots=True)
class Entry:
    """One thing that was done: when, by whom, why."""

    at: object
    who: str
    why: str
    what: list = field(default_factory=list)  # sentences
    changes: list = field(default_factory=list)
    version: int | None = None  # the row of the persona's history, where there is one to go back to
    user_id: int | None = None
    is_of_form: bool = False  # written by the same form as the persona

    def includes(self, other):
        """Whether the other is part of the same save: made by the same, at once after it."""
        same = self.user_id == other.user_id and self.why == other.why
        return same and other.is_of_form and other.at - self.at <= ONE_SAVE


def entries(persona):
    """What was done to a persona, newest first: its own changes, those of its questions and documents, and actions."""
    found = _own_entries(persona)
    for model in parts():
        found += _part_entries(model, persona)
    joined = _join(sorted(found, key=lambda entry: entry.at))
    told = {entry.why for entry in joined}
    joined += [entry for entry in _actions(persona) if entry.why not in told]
    return sorted(joined, key=lambda entry: entry.at, reverse=True)


def erase(persona):
    """Delete a persona without a line left in any history: for one that was never anybody's."""
    persona_id = persona.pk
    persona.delete()
    for model in (Persona, *parts()):
        column = "id" if model is Persona else "persona_id"
        model.history.filter(**{column: persona_id}).delete()


def _own_entries(persona):
    rows = list(Persona.history.filter(id=persona.pk).select_related("history_user")[:MOST])
    found = []
    for row, before in zip(rows, [*rows, None][1:], strict=True):
        entry = _entry(row)
        entry.version = row.history_id
        entry.changes = compare_rows(before, row) if before else []
        entry.what = [_("Made.")] if row.history_type == "+" else []
        found.append(entry)
    return found


def parts():
    """The models whose rows belong to a persona and have a history."""
    related = [relation.related_model for relation in Persona._meta.related_objects]
    return [model for model in related if hasattr(model._meta, "simple_history_manager_attribute")]


def _part_entries(model, persona):
    rows = model.history.filter(persona_id=persona.pk).select_related("history_user")[:MOST]
    found, before = [], {}
    for row in sorted(rows, key=lambda row: (row.history_date, row.history_id)):
        earlier, before[row.id] = before.get(row.id), row
        changes = compare_rows(earlier, row) if earlier and row.history_type == "~" else []
        if row.history_type == "~" and not changes:
            continue
        entry = _entry(row)
        entry.what = [_done(row).format(what=capfirst(model._meta.verbose_name), name=_name(row))]
        entry.changes, entry.is_of_form = changes, model is StarterQuestion
        found.append(entry)
    return found


def _done(row):
    if row.history_type == "-":
        is_renewed = RENEWED in (row.history_change_reason or "")
        return _("{what} “{name}” has a new version.") if is_renewed else _("{what} “{name}” removed.")
    return _("{what} “{name}” added.") if row.history_type == "+" else _("{what} “{name}” changed.")


def _entry(row):
    who = str(row.history_user) if row.history_user else ""
    return Entry(row.history_date, who, row.history_change_reason or "", user_id=row.history_user_id)


def _join(ordered):
    """One entry per save: what a form wrote together is told together."""
    joined, saved = [], None
    for entry in ordered:
        if entry.version is not None:
            saved = entry
        elif saved is not None and saved.includes(entry):
            saved.what += entry.what
            saved.changes += entry.changes
            continue
        joined.append(entry)
    return [entry for entry in joined if entry.what or entry.changes or entry.why]


def _actions(persona):
    """What staff did to a persona that changed no field, from the admin's log: in words, not lists of fields."""
    log = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Persona), object_id=str(persona.pk))
    worded = log.exclude(change_message="").exclude(change_message__startswith="[").select_related("user")[:MOST]
    return [Entry(one.action_time, str(one.user), one.change_message, user_id=one.user_id) for one in worded]


def _name(row):
    """What a row is called: its first text."""
    texts = [one for one in row.tracked_fields if isinstance(one, models.CharField | models.TextField)]
    return Truncator(str(getattr(row, texts[0].attname))).chars(80)
