import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from knowledge.models import Library

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(name):
    """Take the knowledge to this migration, or with all else to the newest, and give its models."""
    executor = MigrationExecutor(connection)
    executor.migrate([("knowledge", name)] if name else executor.loader.graph.leaf_nodes())
    return MigrationExecutor(connection).loader.project_state(("knowledge", name)).apps if name else None


@pytest.fixture
def before():
    """The models of the time when vectors were columns of a passage."""
    try:
        yield migrate("0002_vectors")
    finally:
        migrate(None)


def write_passages(apps, persona):
    document = apps.get_model("knowledge", "Document").objects.create(persona_id=persona.pk, title="One", kind="txt")
    passages = [
        {"vector": b"one", "sentence_vectors": b"its sentences", "engine": "first"},
        {"vector": b"two", "sentence_vectors": b"", "engine": "second"},
        {"vector": None, "sentence_vectors": None, "engine": ""},
    ]
    for position, columns in enumerate(passages):
        apps.get_model("knowledge", "Passage").objects.create(
            document=document, persona_id=persona.pk, position=position, text="It.", start=0, end=3, **columns
        )


def test_vectors_that_were_columns_are_rows_afterwards(before, persona):
    write_passages(before, persona)
    after = migrate("0004_passage_without_vectors")
    rows = after.get_model("knowledge", "Vectors").objects.order_by("passage__position")
    found = [
        (row.passage.position, row.engine, bytes(row.vector), bytes(row.sentence_vectors))
        for row in rows.select_related("passage")
    ]
    assert found == [(0, "first", b"one", b"its sentences"), (1, "second", b"two", b"")]


def test_copying_that_was_interrupted_copies_nothing_twice(before, persona):
    write_passages(before, persona)
    first = before.get_model("knowledge", "Passage").objects.get(position=0)
    before.get_model("knowledge", "Vectors").objects.create(
        passage=first, engine="first", vector=b"one", sentence_vectors=b"its sentences"
    )
    after = migrate("0003_copy_vectors")
    assert after.get_model("knowledge", "Vectors").objects.count() == 2


def test_a_library_remembers_whose_vectors_answer(before, persona):
    write_passages(before, persona)
    before.get_model("knowledge", "Library").objects.create(persona_id=persona.pk)
    migrate(None)
    library = Library.objects.get(pk=persona.pk)
    assert (library.engine, library.settled) == ("first", False)
