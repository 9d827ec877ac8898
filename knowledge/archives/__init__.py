"""A persona as one file, and as a second one: packed, checked, unpacked, copied.

A persona archive is a zip of ``persona.json``, the documents as they were given, and the picture. It holds no ids, no
dates, no agent, nothing that a visitor said and no secret, so the same persona is the same file, byte for byte.
"""

from knowledge.archives.checking import BadArchive
from knowledge.archives.copying import copy
from knowledge.archives.packing import CannotBePacked, pack
from knowledge.archives.unpacking import unpack

__all__ = ["BadArchive", "CannotBePacked", "copy", "pack", "unpack"]
