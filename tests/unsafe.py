"""Which operations of a migration stop code that does not know of it yet, and what to write in their place.

While an update goes on, the schema is new and the code of before serves, for minutes or for days. So it must go on reading
and writing every table it knows, and no table that grows with use may be locked for longer than a moment.
"""

from dataclasses import dataclass

from django.db.migrations import operations as does
from django.db.models.fields import NOT_PROVIDED

# They change nothing in the database, or only what no statement asks for.
HARMLESS = (
    does.CreateModel,
    does.AlterModelOptions,
    does.AlterModelManagers,
    does.AlterModelTableComment,
    does.RemoveIndex,
    does.RemoveConstraint,
    does.RenameIndex,
)
GONE = (
    "code of before still names it. Take it out of the state alone (SeparateDatabaseAndState with state_operations), and out "
    "of the database one release later"
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What an operation is judged on."""

    app: str
    before: object  # the ProjectState
    after: object
    new: frozenset  # (app, model) that came since the base: no code of before knows them
    big: frozenset  # (app, model) that grow with use
    atomic: bool  # whether the migration is one transaction

    def is_new(self, model):
        return (self.app, model.lower()) in self.new

    def is_big(self, model):
        return (self.app, model.lower()) in self.big and not self.is_new(model)

    def was(self, model, name):
        """The field as it was, or None."""
        return self.before.models[self.app, model.lower()].fields.get(name)


def complaint(operation, ground):
    """Why it may not be, with what to do; '' when it may. What is not known here may not be."""
    if isinstance(operation, HARMLESS):
        return ""
    for kind, judge in JUDGES.items():
        if isinstance(operation, kind):
            return judge(operation, ground)
    return "nobody has thought about whether code of before goes on with it: say so in tests/unsafe.py"


def _goes(operation, ground):
    model = getattr(operation, "model_name", None) or getattr(operation, "name", None) or operation.old_name
    return "" if ground.is_new(model) else GONE


def _adds(operation, ground):
    field, model = operation.field, operation.model_name
    if ground.is_new(model) or field.many_to_many:
        return ""
    if not field.null and field.db_default is NOT_PROVIDED:
        return "code of before inserts rows without it. Give it a db_default, or let it be null"
    if ground.is_big(model) and (field.db_index or field.unique):
        return "its index locks a large table while it is built. Add the field without (db_index=False), then AddIndexAside"
    return ""


def _alters(operation, ground):
    model, now = operation.model_name, operation.field
    was = ground.was(model, operation.name)
    if ground.is_new(model) or was is None or was.many_to_many:
        return ""
    if was.null and not now.null:
        return "code of before may write NULL. Fill it first, and let it be NOT NULL one release later"
    if was.db_default is not NOT_PROVIDED and now.db_default is NOT_PROVIDED:
        return "code of before may insert rows without it. Keep the db_default"
    if _kind(was) != _kind(now):
        return "it becomes another kind of column, which code of before may not fill and which rewrites the table. Add a new field"
    if (was.max_length or 0) > (now.max_length or 10**9) or (was.max_length is None and now.max_length):
        return "code of before may write longer ones. Let the form refuse those first, and narrow it one release later"
    if (now.unique and not was.unique) or (ground.is_big(model) and now.db_index and not was.db_index):
        return "its index locks the table while it is built, and code of before may not keep to it. Use AddIndexAside"
    return ""


def _kind(field):
    return field.get_internal_type(), getattr(field, "max_digits", None), getattr(field, "decimal_places", None)


def _indexes(operation, ground):
    if not ground.is_big(operation.model_name) or getattr(operation, "aside", False):
        return ""
    return "it locks a large table while it is built. Use AddIndexAside, in a migration with atomic = False"


def _constrains(operation, ground):
    return (
        ""
        if ground.is_new(operation.model_name)
        else (
            "code of before may write what it forbids, and building it locks the table. One release after the code that keeps to it"
        )
    )


def _runs(operation, ground):
    if not ground.atomic:
        return ""
    return "everything it touches stays locked to its end. Make the migration atomic = False, and work in small transactions"


def _parts(operation, ground):
    found = [complaint(one, ground) for one in operation.database_operations]
    found += [_leaves(one, ground) for one in operation.state_operations if not operation.database_operations]
    return "; ".join(filter(None, found))


def _leaves(operation, ground):
    """A field or model that only the state loses: new code inserts rows without it."""
    if isinstance(operation, does.RemoveField):
        field = ground.was(operation.model_name, operation.name)
        if not field.many_to_many and not field.null and field.db_default is NOT_PROVIDED:
            return (
                "new code inserts rows without it. Let it be null, or give it a db_default, before it leaves the state"
            )
    return ""


JUDGES = {
    does.SeparateDatabaseAndState: _parts,
    does.AddField: _adds,
    does.AlterField: _alters,
    does.AddIndex: _indexes,
    does.AddConstraint: _constrains,
    (does.RunPython, does.RunSQL): _runs,
    (
        does.RemoveField,
        does.RenameField,
        does.DeleteModel,
        does.RenameModel,
        does.AlterModelTable,
        does.AlterUniqueTogether,
        does.AlterIndexTogether,
        does.AlterOrderWithRespectTo,
    ): _goes,
}
