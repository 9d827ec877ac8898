"""Files in S3 are saved with the rest, and put back into whatever storage the settings name."""

import pytest

from knowledge.models import Document
from tests.knowledge.test_bucket import bucket, kept, objects
from tests.saving.conftest import TEXT, restore, save

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["bucket", "objects"]  # fixtures


def test_files_go_from_the_bucket_into_the_backup_and_back_into_an_empty_one(bucket, paper, tmp_path, elsewhere):
    made = save(tmp_path / "backups")
    assert (made / "files" / paper.file.name).read_bytes() == TEXT
    bucket.objects.all().delete()
    with elsewhere():
        restore(made)
        assert kept(bucket) == [paper.file.name]
        assert Document.objects.get().file.read() == TEXT
