"""What is packed as a zip file: Word, Excel, EPUB. Looked at before it is unpacked, and never unpacked onto a disk."""

import io
import zipfile
import zlib

from knowledge.formats.blocks import UnreadableDocument

MOST_UNPACKED = 300 * 1024 * 1024
MOST_ENTRIES = 10_000
WORST_RATIO = 200  # text packs 10 to 20 times; a bomb a thousand
DAMAGED = "The file is damaged. Open it in the program it was made with, save it again and upload that."
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError, RuntimeError)


def check_archive(data):
    """The names in an archive. Raises UnreadableDocument for one that would not stay small when unpacked."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except BROKEN as problem:
        raise UnreadableDocument(DAMAGED) from problem
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > WORST_RATIO * max(packed, 50_000):
        raise UnreadableDocument("Unpacked, this file would be far too large. It was not opened.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableDocument("The file is protected by a password. Save a copy without one and upload that.")
    return {entry.filename for entry in entries}
