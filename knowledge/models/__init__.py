"""What a persona knows: documents, the passages they were cut into, what those mean in numbers, and how good it all is."""

from knowledge.models.addresses import Address
from knowledge.models.documents import Document, Passage
from knowledge.models.flags import Flag
from knowledge.models.golden import GoldenQuestion, GoldenRun
from knowledge.models.library import Library
from knowledge.models.removals import Hold, Removal
from knowledge.models.usage import Asked, Cited, Gap
from knowledge.models.vectors import Scale, Vectors

__all__ = [
    "Address",
    "Asked",
    "Cited",
    "Document",
    "Flag",
    "Gap",
    "GoldenQuestion",
    "GoldenRun",
    "Hold",
    "Library",
    "Passage",
    "Removal",
    "Scale",
    "Vectors",
]
