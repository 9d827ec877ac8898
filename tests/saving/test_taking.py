"""A backup is whole or not there, and in it is what was there at one moment."""

import shutil
import subprocess
import time
import uuid
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from knowledge import removals
from knowledge.models import Document, Hold, Removal
from tests.saving.conftest import TEXT, restore, save
from voice.saving import copies, manifest, programs

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_backup_says_what_is_in_it_and_holds_no_secret(backup, paper, settings):
    told = manifest.read(backup)
    assert told.store == connection.vendor
    assert (told.rows["knowledge_document"], told.rows["voice_turn"]) == (1, 2)
    assert "knowledge.0015_hold" in told.migrations
    assert [part.path for part in told.files] == [f"files/{paper.file.name}"]
    assert (backup / told.files[0].path).read_bytes() == TEXT
    assert {path.name for path in backup.iterdir()} == {"manifest.json", told.database.path, "files"}
    written = (backup / manifest.FILE).read_text()
    assert not [secret for secret in (settings.SECRET_KEY, *settings.SERVICE_TOKENS) if secret in written]


def test_whoever_is_signed_in_is_not_signed_in_by_a_backup(thread, tmp_path, elsewhere):
    Session.objects.create(session_key="a-key-that-opens", session_data="data", expire_date=timezone.now())
    made = save(tmp_path / "backups")
    told = manifest.read(made)
    assert told.rows["django_session"] == 0
    assert b"a-key-that-opens" not in unpacked(made / told.database.path)
    with elsewhere():
        restore(made)
        assert not Session.objects.exists()


def unpacked(part):
    """What can be read in a saved database."""
    if connection.vendor == "sqlite":
        return part.read_bytes()
    path, *_ = programs.command("pg_restore")[0]
    return subprocess.run([path, "--file=-", part], capture_output=True, check=True).stdout


def test_it_is_said_which_secrets_are_in_a_backup(backup, capsys):
    assert "hashes of passwords, secrets of second factors" in manifest.read(backup).note
    save(backup.parent / "others")
    assert "In it: what was said, hashes of passwords, secrets of second factors" in capsys.readouterr().out


def test_nobody_else_on_the_machine_reads_a_backup(backup):
    assert backup.stat().st_mode & 0o077 == 0


def test_a_file_that_is_deleted_while_a_backup_runs_goes_when_it_is_over(paper, settings):
    path = settings.MEDIA_ROOT / paper.file.name
    with removals.held():
        paper.delete()
        assert path.exists()
        assert removals.carry_out() == 1
    assert not path.exists()
    assert not Removal.objects.exists()


def test_the_hold_of_a_backup_that_died_ends_by_itself(paper, settings):
    Hold.objects.create(until=timezone.now() - timedelta(seconds=1))
    paper.delete()
    assert not (settings.MEDIA_ROOT / paper.file.name).exists()


def test_a_document_that_is_deleted_after_the_snapshot_is_saved_with_its_file(paper, tmp_path, monkeypatch):
    save_files = copies.save

    def late(*given, **options):
        for document in Document.objects.all():
            document.delete()
        return save_files(*given, **options)

    monkeypatch.setattr(copies, "save", late)
    made = save(tmp_path / "backups")
    assert (made / "files" / paper.file.name).read_bytes() == TEXT
    assert not Document.objects.exists()
    assert not Removal.objects.exists()


def test_what_is_written_meanwhile_is_in_it_whole_or_not_at_all(backup, elsewhere, tmp_path):
    with elsewhere():
        restore(backup)
        there = Group.objects.count()
        with writing_pairs() as written:
            before = there + len(written)
            made = save(tmp_path / "meanwhile")
            assert there + len(written) > before
        rows = manifest.read(made).rows["auth_group"]
        assert rows >= before
        assert (rows - there) % 2 == 0
        restore(made, replace=True)
        assert Group.objects.count() == rows


@contextmanager
def writing_pairs():
    """Somebody writes rows by twos, each two in one transaction, until it ends. Gives a list that grows with them."""
    writer, written, over = connections["default"].copy(), [], Event()

    def write():
        while not over.is_set():
            with writer.cursor() as cursor:
                writer.set_autocommit(False)
                for key in (uuid.uuid4().hex, uuid.uuid4().hex):
                    cursor.execute("INSERT INTO auth_group (name) VALUES (%s)", [key])
                writer.commit()
                writer.set_autocommit(True)
            written.extend((True, True))
        writer.close()

    writer.inc_thread_sharing()
    thread = Thread(target=write)
    thread.start()
    while not written:
        time.sleep(0.01)
    try:
        yield written
    finally:
        over.set()
        thread.join()


def test_a_backup_that_fails_leaves_nothing_and_says_so(paper, settings, tmp_path):
    path = settings.MEDIA_ROOT / paper.file.name
    path.unlink()
    path.mkdir()
    with pytest.raises(CommandError, match="No backup was made"):
        call_command("backup", str(tmp_path / "backups"))
    assert [one.name for one in (tmp_path / "backups").iterdir()] == [".lock"]


def test_only_the_newest_are_kept_and_nothing_else_is_touched(backup):
    folder = backup.parent
    for day in (1, 2):
        shutil.copytree(backup, folder / f"advisor-2026-01-0{day}T030000Z")
    backup.rename(folder / "advisor-2026-01-03T030000Z")
    for other in ("notes", "advisor-2025-01-01T030000Z", ".advisor-2026-01-04T030000Z.unfinished"):
        (folder / other).mkdir()
    newest = save(folder, keep=2)
    kept = {"advisor-2026-01-03T030000Z", newest.name, "notes", "advisor-2025-01-01T030000Z", ".lock"}
    assert {one.name for one in folder.iterdir()} == kept


def test_one_backup_is_made_at_a_time(paper, tmp_path, monkeypatch):
    folder, save_files = tmp_path / "backups", copies.save

    def meanwhile(*given, **options):
        with pytest.raises(CommandError, match="Another backup is being made"):
            call_command("backup", str(folder))
        return save_files(*given, **options)

    monkeypatch.setattr(copies, "save", meanwhile)
    save(folder)


def test_at_least_one_is_kept(tmp_path):
    with pytest.raises(CommandError, match="at least 1"):
        call_command("backup", str(tmp_path), keep=0)


def test_a_program_that_is_not_installed_is_named():
    with pytest.raises(programs.Failed, match="pg_dumb was not found. Install PostgreSQL's client programs"):
        programs.command("pg_dumb")
