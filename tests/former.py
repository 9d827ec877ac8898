"""Code of before on the schema of now: rows written, read, changed and deleted by models as an earlier state has them."""

import itertools
import uuid
from datetime import UTC, date, datetime

from django.db import models
from django.db.models.fields import NOT_PROVIDED

_numbers = itertools.count(1)
VALUES = {
    models.BooleanField: lambda field: False,
    models.DateTimeField: lambda field: datetime.now(UTC),
    models.DateField: lambda field: date.today(),
    models.UUIDField: lambda field: uuid.uuid4(),
    models.BinaryField: lambda field: b"bytes",
    models.JSONField: lambda field: {},
    models.FloatField: lambda field: 0.5,
    models.IntegerField: lambda field: next(_numbers),
    models.TextField: lambda field: f"text {next(_numbers)}",
    models.CharField: lambda field: f"{next(_numbers):x}"[: field.max_length],
    models.FileField: lambda field: "",
}


def write_and_read(model):
    """Everything that code does with a table, in the columns that it knows. Raises what the database says against it."""
    row = write(model)
    assert model.objects.filter(pk=row.pk).values().get()
    row.save()
    model.objects.filter(pk=row.pk)._raw_delete("default")


def write(model):
    """A row with all that must be there, and what that hangs on."""
    return model.objects.create(**{one.name: _fill(one) for one in model._meta.local_concrete_fields if _must(one)})


def _must(field):
    given = field.has_default() or field.db_default is not NOT_PROVIDED or getattr(field, "auto_now_add", False)
    return not (field.null or given or isinstance(field, models.AutoField) or getattr(field, "auto_now", False))


def _fill(field):
    if field.is_relation:
        return write(field.related_model)
    if field.choices:
        return field.choices[0][0]
    return next(make for kind, make in VALUES.items() if isinstance(field, kind))(field)
