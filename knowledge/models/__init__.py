"""What a persona knows: documents, the passages they were cut into, and what those mean in numbers."""

from knowledge.models.documents import Document, Passage
from knowledge.models.library import Library
from knowledge.models.vectors import Vectors

__all__ = ["Document", "Library", "Passage", "Vectors"]
