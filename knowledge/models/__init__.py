"""What a persona knows: documents, and the passages they were cut into."""

from knowledge.models.documents import Document, Passage
from knowledge.models.library import Library

__all__ = ["Document", "Library", "Passage"]
