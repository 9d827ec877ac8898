from django.db import migrations
from django.db.models import Max

BATCH = 2_000  # passages, about 10 MB

COPY = """
    INSERT INTO knowledge_vectors (passage_id, engine, vector, sentence_vectors)
    SELECT id, engine, vector, sentence_vectors FROM knowledge_passage
    WHERE id > %s AND id <= %s AND vector IS NOT NULL AND sentence_vectors IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM knowledge_vectors WHERE passage_id = knowledge_passage.id)
"""


def copy(apps, schema_editor):
    """Copy inside the database. Interrupted, it goes on where it was: what is copied is not copied again."""
    last = apps.get_model("knowledge", "Passage").objects.aggregate(last=Max("pk"))["last"] or 0
    with schema_editor.connection.cursor() as cursor:
        for start in range(0, last, BATCH):
            cursor.execute(COPY, [start, start + BATCH])


class Migration(migrations.Migration):
    """Copy the vectors, in transactions of a moment each. Backwards nothing is lost but time: vectors that are missing
    are made anew by the sweep."""

    atomic = False

    dependencies = [("knowledge", "0002_vectors")]

    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
