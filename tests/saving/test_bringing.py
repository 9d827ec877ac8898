"""What comes back answers as before, and takes nobody's place unless told."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection

from knowledge import answering
from knowledge.models import Document, Hold, Library
from tests.saving.conftest import QUESTION, TEXT, ask, restore, rewrite, save
from voice.models import Conversation, Turn
from voice.saving import manifest

pytestmark = pytest.mark.django_db(transaction=True)


def answered(persona):
    """(what is answered, where it stands)."""
    found = answering.answer(persona, QUESTION)
    return found.content, [(one.document, one.quote, one.passage_id) for one in found.citations]


def test_what_was_saved_answers_the_same_elsewhere_and_says_where_it_stands(backup, persona, elsewhere, capsys):
    before, turns = answered(persona), list(Turn.objects.order_by("pk").values())
    assert "twenty euros" in before[0]
    with elsewhere() as folder:
        restore(backup)
        assert answered(persona) == before
        assert list(Turn.objects.order_by("pk").values()) == turns
        assert (folder / "media" / Document.objects.get().file.name).read_bytes() == TEXT
        assert "Checked: every row, every file, a search with every persona" in capsys.readouterr().out
        ask(Conversation.objects.get(), "When does the ferry leave?")
        assert Turn.objects.count() == 4  # with keys of their own


def test_a_database_in_use_is_not_replaced_unless_told(backup, persona, elsewhere):
    with elsewhere():
        restore(backup)
        User.objects.create(username="later")
        with pytest.raises(CommandError, match=r"1 rows in auth_user, 1 rows in personas_persona.*--replace"):
            restore(backup)
        assert User.objects.filter(username="later").exists()
        restore(backup, replace=True)
        assert not User.objects.exists()
        assert "twenty euros" in answered(persona)[0]


def test_a_database_that_cannot_be_loaded_leaves_ours_as_it_was(backup, elsewhere, persona):
    with elsewhere():
        restore(backup)
        part = backup / manifest.read(backup).database.path
        part.write_bytes(b"Not a database at all. " * 100)
        rewrite(backup, database={"path": part.name, "bytes": part.stat().st_size, "sha256": manifest.digest(part)})
        with pytest.raises(CommandError, match="as it was"):
            restore(backup, replace=True)
        assert "twenty euros" in answered(persona)[0]


def test_what_somebody_else_wrote_into_a_backup_does_not_run(paper, settings, tmp_path, elsewhere):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o777)  # the server is somebody else
        mark = Path(folder) / "ran"
        with a_trap(mark):
            ours, settings.SECRET_KEY = settings.SECRET_KEY, "of somebody else"
            made = save(tmp_path / "backups")
            settings.SECRET_KEY = ours
        with elsewhere():
            with pytest.raises(CommandError, match="another SECRET_KEY, or changed since.*Nothing was changed"):
                restore(made)
            assert not connection.introspection.table_names()
        assert not mark.exists()


@contextmanager
def a_trap(mark):
    """What PostgreSQL's dump runs when it is loaded by a superuser: a view over a function over a program. SQLite has no programs."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE FUNCTION trap() RETURNS int LANGUAGE plpgsql AS $$ BEGIN COPY (SELECT 1) TO PROGRAM 'cat > {mark}'; "
            "RETURN 1; END $$"
        )
        cursor.execute("CREATE MATERIALIZED VIEW trapped AS SELECT trap() WITH NO DATA")
        cursor.execute("REFRESH MATERIALIZED VIEW trapped")
    assert mark.exists()
    mark.unlink()
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP MATERIALIZED VIEW trapped; DROP FUNCTION trap()")


def test_another_file_of_the_same_name_is_not_replaced_unless_told(backup, paper, elsewhere):
    with elsewhere() as folder:
        path = folder / "media" / paper.file.name
        path.parent.mkdir(parents=True)
        path.write_text("Something of somebody else.")
        with pytest.raises(CommandError, match="1 files in the storage have names of the backup's"):
            restore(backup)
        assert path.read_text() == "Something of somebody else."
        restore(backup, replace=True)
        assert path.read_bytes() == TEXT


def test_a_backup_of_an_older_schema_is_brought_up_to_date(paper, persona, tmp_path, elsewhere):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE knowledge_hold")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'knowledge' AND name = '0015_hold'")
    try:
        older = save(tmp_path / "backups")
    finally:
        call_command("migrate", verbosity=0)
    with elsewhere():
        restore(older)
        assert not Hold.objects.exists()
        assert "twenty euros" in answered(persona)[0]


def test_nothing_that_was_kept_since_is_taken_for_what_was_restored(backup, persona, elsewhere, settings):
    with redis.Redis.from_url(settings.REDIS_URL) as kept, elsewhere():
        kept.set("clone-advisor:knowledge:version", "7")
        kept.set("celery", "a task")
        restore(backup)
        assert Library.objects.read_version(persona.pk) > 1_000_000_000
        assert kept.get("clone-advisor:knowledge:version") is None
        assert kept.get("celery") == b"a task"


def test_a_lost_file_and_another_secret_key_are_told_with_what_to_do(paper, settings, tmp_path, elsewhere, capsys):
    (settings.MEDIA_ROOT / paper.file.name).unlink()
    made = save(tmp_path / "backups")
    assert "1 files that rows name were not in the storage" in capsys.readouterr().out
    settings.SECRET_KEY = "another one altogether"
    with elsewhere():
        with pytest.raises(CommandError, match="another SECRET_KEY, or changed since"):
            restore(made)
        with pytest.raises(CommandError, match="to be mended"):
            restore(made, trust=True)
    said = capsys.readouterr().out
    assert "Upload those documents again" in said
    assert "SECRET_KEY is not the one" in said


def test_files_of_a_bucket_can_be_left_where_they_are(paper, tmp_path, elsewhere, settings):
    made = save(tmp_path / "backups", leave_files=True)
    assert not (made / "files").exists()
    media = settings.MEDIA_ROOT
    with elsewhere() as folder:
        shutil.copytree(media, folder / "media")
        restore(made)
        assert Document.objects.get().file.read() == TEXT
