"""The whole installation put away, and brought back: the database, and the files that its rows name.

A backup is a folder: ``database.dump`` (PostgreSQL) or ``database.sqlite3``, ``files/`` as the storage names them, and
``manifest.json``, which says what all of it is and how it can be known to be whole. Not in it: .env, which is
kept apart, see docs/OPERATIONS.md; sessions; what makes itself anew: indexes, the embedding model, page files, Redis. What
the database has of secrets it has too: hashes of passwords, secrets of second factors.
"""

from voice.saving.bringing import bring
from voice.saving.refusals import NotRestored, NotSaved
from voice.saving.taking import take

__all__ = ["NotRestored", "NotSaved", "bring", "take"]
