"""What belongs to a persona and goes with it, and how a row looks as plain data."""

import math

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from knowledge.models import GoldenQuestion
from personas.models import Persona, StarterQuestion

FORMAT, VERSION = "clone-advisor persona", 1
SHEET = "persona.json"
PARTS = {
    "starter_questions": StarterQuestion,
    "golden_questions": GoldenQuestion,
}  # by their name in the sheet and on the persona
# A copy is always a draft; a text goes as a file.
LEFT_OUT = {"status", "pasted_text"}
TYPES = [
    (models.BooleanField, bool),
    (models.IntegerField, int),
    (models.FloatField, (int, float)),
    (models.CharField | models.TextField, str),
    (models.JSONField, object),
]


class DoesNotFit(Exception):
    """The plain data makes no valid row, for the reason in words."""


def fields(model):
    """The fields that staff fill in: no ids, dates, files or relations."""
    return [
        field
        for field in model._meta.concrete_fields
        if field.editable
        and not field.primary_key
        and not field.is_relation
        and not isinstance(field, models.FileField)
        and field.name not in LEFT_OUT
    ]


def describe(row):
    """A row as plain data, by field."""
    return {field.name: getattr(row, field.attname) for field in fields(type(row))}


def build(model, described, what, **given):
    """An unsaved row of plain data, valid by the model's own rules; what is missing has its default. ``what`` is how a
    refusal calls it. Raises DoesNotFit."""
    if not isinstance(described, dict):
        raise DoesNotFit(_("{what} is not described as it should be.").format(what=what))
    known = {field.name: field for field in fields(model)}
    for name, value in described.items():
        if name not in known:
            raise DoesNotFit(
                _("{what} has a field “{name}”, which this version does not know.").format(what=what, name=name)
            )
        if not _fits(known[name], value):
            raise DoesNotFit(
                _("{what}: {field} has a value of the wrong kind.").format(
                    what=what, field=capfirst(known[name].verbose_name)
                )
            )
    row = model(**described, **given)
    others = [field.name for field in model._meta.fields if field.name not in known]
    try:
        row.full_clean(exclude=others, validate_unique=False, validate_constraints=False)
    except ValidationError as refusal:
        raise DoesNotFit(f"{what}: {say(model, refusal)}") from refusal
    except (TypeError, ValueError, OverflowError) as problem:
        raise DoesNotFit(_("{what} has a value of the wrong kind.").format(what=what)) from problem
    return row


def say(model, refusal):
    """A form's errors as sentences, each with its field's name."""
    named = {field.name: f"{capfirst(field.verbose_name)}: " for field in model._meta.fields}
    return " ".join(f"{named.get(name, '')}{' '.join(said)}" for name, said in refusal.message_dict.items())


def free_slug(wanted):
    """The slug itself when nobody has it, else with the first free number: harbour-guide-2."""
    longest = Persona._meta.get_field("slug").max_length
    taken = set(Persona.objects.filter(slug__startswith=wanted[: longest - 8]).values_list("slug", flat=True))
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted[: longest - 1 - len(str(number))]}-{number}"
    return slug


def _fits(field, value):
    if value is None:
        return field.null
    if isinstance(value, bool):
        return isinstance(field, models.BooleanField | models.JSONField)
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return any(isinstance(field, kind) and isinstance(value, plain) for kind, plain in TYPES)
