import threading
import time

import pytest
from django.db import connection

from knowledge import embeddings, shelf
from knowledge.index import indexing
from knowledge.models import Library

pytestmark = pytest.mark.django_db


def files():
    return sorted(path.name for path in shelf.directory().glob("*.index*"))


def test_an_index_is_built_once_and_read_by_the_next_process(harbour, monkeypatch):
    shelf.find(harbour)
    shelf.close()
    monkeypatch.setattr(indexing, "compute", lambda *_: 1 / 0)
    assert len(shelf.find(harbour)) == 3


def test_a_new_version_is_a_new_file_and_the_old_one_goes(harbour, teach):
    shelf.find(harbour)
    before = files()
    teach(harbour, "More", "The chandler opens at seven.")
    assert len(shelf.find(harbour)) == 4
    assert len(files()) == 1
    assert files() != before


def test_the_version_in_the_index_is_the_one_it_was_built_from(harbour):
    assert shelf.find(harbour).version == Library.objects.get(pk=harbour.pk).version


def test_a_damaged_index_is_built_again(harbour):
    shelf.find(harbour)
    [path] = shelf.directory().glob("*.index")
    path.write_bytes(b"garbage")
    shelf.close()
    assert len(shelf.find(harbour)) == 3


def test_an_index_of_an_earlier_release_is_built_again(harbour):
    shelf.find(harbour)
    [path] = shelf.directory().glob("*.index")
    path.write_bytes(b"CAINDEX6" + path.read_bytes()[8:])
    shelf.close()
    assert len(shelf.find(harbour)) == 3


def test_an_index_that_is_not_there_in_time_is_there_for_the_next_question(harbour, monkeypatch):
    compute = indexing.compute
    monkeypatch.setattr(indexing, "compute", lambda *source: time.sleep(0.3) or compute(*source))
    with pytest.raises(shelf.NotInTime):
        shelf.find(harbour, deadline=time.monotonic() + 0.05)
    time.sleep(0.6)
    assert len(shelf.find(harbour, deadline=time.monotonic() + 0.05)) == 3


def test_where_nothing_can_be_written_the_index_stays_in_memory(harbour, settings, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    settings.DATA_DIR = blocked
    assert len(shelf.find(harbour)) == 3


def test_a_process_keeps_only_so_many_open(harbour, other, monkeypatch):
    monkeypatch.setattr(shelf, "OPEN_AT_MOST", 1)
    shelf.find(harbour)
    shelf.find(other)
    assert list(shelf._open) == [other.pk]


def test_rows_that_change_while_they_are_read_are_read_again(harbour, monkeypatch):
    version = Library.objects.get(pk=harbour.pk).version
    *_, read, _, _ = shelf._read_rows(harbour, version - 1, embeddings.LOCAL)
    assert read == version


@pytest.mark.django_db(transaction=True)
def test_two_threads_build_an_index_once(harbour, monkeypatch):
    compute, built = indexing.compute, []
    monkeypatch.setattr(indexing, "compute", lambda *source: built.append(1) or time.sleep(0.1) or compute(*source))

    def ask():
        shelf.find(harbour)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert built == [1]
