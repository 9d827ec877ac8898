"""What a persona was before, and the way back to it.

A version is a row of the persona's history, with its starter questions as that same save left them.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from personas import recording
from personas.models import Persona, StarterQuestion

ONE_SAVE = timedelta(seconds=10)  # within which a form writes the persona and all its questions
SHOWN = 160  # characters of a value, from a little before where it differs
UNSEEN = {"id", "created_at", "updated_at", "persona"}
STAYS = UNSEEN | {"status"}  # going back never publishes, nor withdraws


class NoWayBack(Exception):
    """The persona cannot be what it was, for the reason in words."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after."""

    what: str
    before: str
    after: str


def find(persona, version):
    """(the persona's row of that version, its starter questions then). Raises NoWayBack."""
    then = Persona.history.filter(id=persona.pk, history_id=version).first()
    if then is None:
        raise NoWayBack(_("There is no such version of this persona. Open its history and choose another."))
    return then, _questions_of(then)


def compare(persona, version):
    """What going back to a version would change now: [Change, …]."""
    then, questions = find(persona, version)
    changes = compare_rows(persona, then, STAYS)
    now = [question.text for question in persona.starter_questions.all()]
    before = [question.text for question in questions]
    if now != before:
        changes.append(Change(_("Starter questions"), " · ".join(now), " · ".join(before)))
    return changes


def restore(persona, version):
    """Make the persona what it was, as one more change of its history; its status and its documents stay. Raises
    NoWayBack, and then nothing was changed."""
    then, questions = find(persona, version)
    for one in _fields(Persona, STAYS):
        if one.name != "avatar" or not then.avatar or persona.avatar.storage.exists(str(then.avatar)):
            setattr(persona, one.attname, getattr(then, one.attname))
    try:
        persona.full_clean()
    except ValidationError as refusal:
        raise NoWayBack(_sentence(refusal)) from refusal
    reason = _("Back to the state of {moment}").format(
        moment=date_format(timezone.localtime(then.history_date), "DATETIME_FORMAT")
    )
    with recording.because(reason), transaction.atomic():
        persona.save()
        _restore_questions(persona, questions)


def _restore_questions(persona, questions):
    now = {question.pk: question for question in persona.starter_questions.all()}
    for then in questions:
        question = now.pop(then.id, None) or StarterQuestion(persona=persona)
        if (question.text, question.position) != (then.text, then.position):
            question.text, question.position = then.text, then.position
            question.save()
    for question in now.values():
        question.delete()


def _questions_of(then):
    """The starter questions as the save of that version left them, in their order."""
    until = then.history_date + ONE_SAVE
    later = Persona.history.filter(id=then.id, history_date__gt=then.history_date).order_by("history_date").first()
    rows = StarterQuestion.history.filter(persona_id=then.id, history_date__lte=until)
    if later is not None:
        rows = rows.filter(history_date__lt=later.history_date)
    newest = {row.id: row for row in rows.order_by("history_date", "history_id")}
    return sorted((row for row in newest.values() if row.history_type != "-"), key=lambda row: (row.position, row.id))


def compare_rows(before, after, left_out=frozenset(UNSEEN)):
    """What two rows of one thing differ in: [Change, …]. Either may be a row of its history."""
    changes = []
    for one in _fields(type(after), left_out):
        old, new = (_show(row, one) for row in (before, after))
        if old != new:
            changes.append(Change(capfirst(one.verbose_name), *_excerpts(old, new)))
    return changes


def _fields(model, left_out):
    tracked = getattr(model, "tracked_fields", model._meta.concrete_fields)
    return [one for one in tracked if one.name not in left_out]


def _show(row, one):
    value = getattr(row, one.attname)
    if one.choices:
        return str(getattr(row, f"get_{one.attname}_display")())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _excerpts(old, new):
    """Both values from shortly before the place where they part."""
    same = next((place for place, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new)))  # fmt: skip
    start = max(0, same - 40) if max(len(old), len(new)) > SHOWN else 0
    return [("…" if start else "") + Truncator(text[start:]).chars(SHOWN) for text in (old, new)]


def _sentence(refusal):
    """What a form would have said, as one sentence, with the fields' names."""
    if not hasattr(refusal, "message_dict"):
        return " ".join(refusal.messages)
    named = {one.name: capfirst(one.verbose_name) for one in Persona._meta.fields}
    return " ".join(f"{named.get(name, 'Persona')}: {' '.join(said)}" for name, said in refusal.message_dict.items())
