"""What is read of a database beside its copy, in the same moment: rows of each table, migrations, names of files."""

from dataclasses import dataclass, field

from django.apps import apps
from django.db import connection, models

from voice.saving import postgresql, sqlite

LEFT_OUT = ("django_session",)  # tables that are saved empty: whoever is signed in would be, by whoever has the backup


@dataclass(frozen=True, slots=True)
class Facts:
    rows: dict = field(default_factory=dict)  # table → how many
    migrations: list = field(default_factory=list)  # "app.name", sorted
    files: list = field(default_factory=list)  # names that rows have
    older_files: list = field(default_factory=list)  # names that only the history has: pictures from before


def store():
    """The module that saves and loads the database that the settings name."""
    return {"postgresql": postgresql, "sqlite": sqlite}[connection.vendor]


def read(cursor):
    """The Facts, through any DB-API cursor on a database of ours. Of an older schema, what it has."""
    tables = connection.introspection.table_names(cursor)
    rows = {table: _one(cursor, f"SELECT COUNT(*) FROM {_quote(table)}") for table in tables}  # noqa: S608  a name from the database, quoted
    cursor.execute("SELECT app, name FROM django_migrations")
    migrations = sorted(".".join(row) for row in cursor.fetchall())
    now, before = (_read_names(cursor, tables, columns) for columns in _file_columns())
    return Facts(rows, migrations, sorted(now), sorted(before - now))


def _one(cursor, question):
    cursor.execute(question)
    return cursor.fetchone()[0]


def _quote(name):
    return connection.ops.quote_name(name)


def _file_columns():
    """([(table, column) of every file field], [the same of their histories])."""
    now, before = [], []
    for model in apps.get_models():
        for one in model._meta.local_fields:
            if isinstance(one, models.FileField):
                now.append((model._meta.db_table, one.column))
                if hasattr(model, "history"):
                    before.append((model.history.model._meta.db_table, one.column))
    return now, before


def _read_names(cursor, tables, columns):
    found = set()
    for table, column in columns:
        if table in tables and column in _columns(cursor, table):
            cursor.execute(f"SELECT DISTINCT {_quote(column)} FROM {_quote(table)} WHERE {_quote(column)} <> ''")  # noqa: S608  names of our models, quoted
            found.update(row[0] for row in cursor.fetchall())
    return found


def _columns(cursor, table):
    cursor.execute(f"SELECT * FROM {_quote(table)} LIMIT 0")  # noqa: S608  a name of our models, quoted
    return {column[0] for column in cursor.description}
