"""Documents, pictures and recordings in S3, or in whatever speaks its language. Loaded only where S3_BUCKET names a bucket."""

from contextlib import contextmanager

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

IN_MEMORY = 2 * 2**20  # bytes of a file that is being read; the rest lies on the disk
# Somebody waits for most of what is asked here; boto3 alone would try for minutes. Paths, since a bucket of one's own
# seldom has a name server of its own.
PATIENCE = Config(
    connect_timeout=3,
    read_timeout=20,
    retries={"total_max_attempts": 2, "mode": "standard"},
    s3={"addressing_style": "path"},
)


class ObjectStorage(S3Storage):
    """Private objects, handed out by our own pages alone. What the bucket refuses is an OSError, as of any other storage."""

    def get_default_settings(self):
        return super().get_default_settings() | {
            "client_config": PATIENCE,
            "default_acl": None,
            "file_overwrite": False,
            "max_memory_size": IN_MEMORY,
            "object_parameters": {"CacheControl": "private, no-store"},
        }

    def _open(self, name, mode="rb"):
        with _as_os_error():
            opened = super()._open(name, mode)
            opened.file  # noqa: B018 - fetched now, not in the middle of an answer that has begun
            return opened

    def _save(self, name, content):
        with _as_os_error():
            return super()._save(name, content)

    def delete(self, name):
        with _as_os_error():
            super().delete(name)

    def exists(self, name):
        with _as_os_error():
            return super().exists(name)

    def size(self, name):
        with _as_os_error():
            return super().size(name)


@contextmanager
def _as_os_error():
    try:
        yield
    except (BotoCoreError, ClientError) as fault:
        raise OSError(f"The bucket did not do it: {fault}") from fault
