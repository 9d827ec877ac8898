"""What is no whole backup of ours is refused before anything is touched, in a sentence that says what to do."""

import json

import pytest
from django.core.management import CommandError
from django.db import connection

from tests.saving.conftest import restore, rewrite
from voice.saving import NotRestored, copies, databases, manifest

PAPER = "files/documents/2026/11/cellar.txt"


@pytest.fixture
def backup(tmp_path):
    """What looks like one, without anything worth restoring."""
    folder = tmp_path / "backups" / "advisor-2026-11-25T030000Z"
    parts = [_part(folder, path) for path in (databases.store().PART, PAPER)]
    told = manifest.Manifest(
        made_at="2026-11-25T03:00:00Z", store=connection.vendor, versions={}, migrations=["voice.0001_initial"], rows={},
        database=parts[0], files=parts[1:], missing=[], key="",
    )  # fmt: skip
    manifest.write(folder, told)
    return folder


def _part(folder, path):
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(path.encode() * 100)
    return manifest.Part(path, place.stat().st_size, manifest.digest(place))


@pytest.mark.parametrize("which", ["database", "file"])
def test_a_damaged_part_is_named(backup, which):
    told = manifest.read(backup)
    path = {"database": told.database, "file": told.files[0]}[which].path
    with open(backup / path, "r+b") as file:
        file.seek(20)
        file.write(b"?")
    with pytest.raises(CommandError, match=f"damaged: {path} is not what it was.*Take another backup"):
        restore(backup)


def test_a_part_that_is_missing_is_named(backup):
    (backup / PAPER).unlink()
    with pytest.raises(CommandError, match=f"damaged: {PAPER}"):
        restore(backup)


def test_a_newer_schema_is_named(backup):
    rewrite(backup, migrations=["voice.0001_initial", "voice.0999_telepathy"])
    with pytest.raises(CommandError, match=r"does not know voice.0999_telepathy\. Check out the code"):
        restore(backup)


def test_a_newer_kind_of_backup_wants_newer_code(backup):
    rewrite(backup, format=manifest.FORMAT + 1)
    with pytest.raises(CommandError, match="newer Clone Advisor.*Update the code first"):
        restore(backup)


def test_another_kind_of_database_is_named(backup):
    rewrite(backup, store="mysql")
    with pytest.raises(CommandError, match="is of a mysql database.*Set DATABASE_URL"):
        restore(backup)


def test_a_manifest_that_cannot_be_read_is_damaged(backup):
    (backup / manifest.FILE).write_text('{"format": 1')
    with pytest.raises(CommandError, match="cannot be read.*Take another backup"):
        restore(backup)


def test_of_a_folder_of_backups_the_newest_is_named(backup):
    with pytest.raises(CommandError, match=f"The newest: {backup}"):
        restore(backup.parent)


def test_a_folder_that_is_no_backup_is_none(tmp_path):
    with pytest.raises(CommandError, match="is no backup"):
        restore(tmp_path / "nothing")


def test_a_backup_that_was_not_finished_is_none(backup):
    (backup / manifest.FILE).unlink()
    with pytest.raises(CommandError, match="is no backup"):
        restore(backup)


def test_a_manifest_that_was_changed_is_not_believed_unless_told(backup):
    told = json.loads((backup / manifest.FILE).read_text())
    (backup / manifest.FILE).write_text(json.dumps(told | {"store": "mysql"}))
    with pytest.raises(CommandError, match="another SECRET_KEY, or changed since.*your own, restore it with --trust"):
        restore(backup)
    with pytest.raises(CommandError, match="is of a mysql database"):
        restore(backup, trust=True)


def test_a_backup_from_before_there_were_signatures_is_not_believed(backup):
    told = json.loads((backup / manifest.FILE).read_text())
    del told["signature"]
    (backup / manifest.FILE).write_text(json.dumps(told | {"format": 1}))
    with pytest.raises(CommandError, match="another SECRET_KEY, or changed since"):
        restore(backup)


def test_a_database_without_a_sum_is_damaged(backup):
    part = databases.store().PART
    rewrite(backup, database={"path": part, "bytes": 1, "sha256": ""})
    with pytest.raises(CommandError, match=f"damaged: {part}"):
        restore(backup, trust=True)


@pytest.mark.parametrize("path", ["files/../../evil", "evil", "files//evil", "/etc/hostname", "files/", ""])
def test_a_file_that_leads_elsewhere_is_no_part(backup, path):
    rewrite(backup, files=[{"path": path, "bytes": 1, "sha256": ""}])
    with pytest.raises(CommandError, match="no part that a backup has"):
        restore(backup, trust=True)


@pytest.mark.parametrize("path", ["/etc/hostname", "../database.dump", PAPER])
def test_a_database_of_another_name_is_no_part(backup, path):
    rewrite(backup, database={"path": path, "bytes": 1, "sha256": manifest.digest(backup / path)})
    with pytest.raises(CommandError, match="no part that a backup has"):
        restore(backup, trust=True)


@pytest.mark.parametrize("path", ["files/../evil", "files/gone.txt"])
def test_a_file_that_the_storage_or_the_backup_refuses_does_not_count_as_put_back(backup, path):
    with pytest.raises(NotRestored, match="A file could not be put back.*The database is as it was"):
        copies.bring([manifest.Part(path, 4, "0" * 64)], backup)


@pytest.mark.parametrize("of", ["files", PAPER, "database"])
def test_a_link_in_a_backup_is_not_followed(backup, tmp_path, of):
    path = backup / (databases.store().PART if of == "database" else of)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CommandError, match="a link leads from it to somewhere else"):
        restore(backup, trust=True)
