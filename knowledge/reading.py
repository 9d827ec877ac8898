"""A document's file to text. The parsing happens in a child process with limits on memory, processor and time, since
no parser of these formats is safe from every file (51 hostile files against 9 parsers: each had several that took it
down or kept it busy)."""

import os
import subprocess
import sys
import tempfile

import msgspec
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge import yielding
from knowledge.formats import plain
from knowledge.formats.blocks import Reading, UnreadableDocument

__all__ = ["Reading", "UnreadableDocument", "read_file", "read_text"]

NO_TEXT = _("There is no text in it. Check that it is the right file.")
TOO_LONG = _("Reading it took too long. If it can be opened, print it to a new PDF, or split it, and upload that.")
CRASHED = _("It could not be read: the file is damaged, or takes more memory than one document may use.")
PATIENCE = 2  # times the seconds of processor time: others may want the processor, too
CHUNK = 1024 * 1024


def read_file(file, file_name):
    """The Reading of an open binary file. Raises UnreadableDocument with a sentence for the person who uploaded it."""
    with tempfile.TemporaryFile() as copy:
        size = 0
        while chunk := file.read(CHUNK):
            size += len(chunk)
            check_size(size)
            copy.write(chunk)
        if not size:
            raise UnreadableDocument(gettext("The file is empty. Check that it was saved, and upload it again."))
        copy.seek(0)
        return _checked(_read_in_child(copy, file_name))


def read_text(text):
    """The Reading of pasted text: no parser, so no child either. Raises UnreadableDocument."""
    return _checked(plain.read_text(text))


def check_size(size):
    """Raise UnreadableDocument for more bytes than a document may have."""
    if size > settings.DOCUMENT_MAX_MB * 1024 * 1024:
        raise UnreadableDocument(
            gettext("The file is larger than {document_max_mb} MB. Split it and upload the parts.").format(
                document_max_mb=settings.DOCUMENT_MAX_MB
            )
        )


def _read_in_child(copy, file_name):
    limits = (settings.DOCUMENT_MAX_MEMORY_MB, settings.DOCUMENT_MAX_SECONDS, settings.DOCUMENT_MAX_PAGES)
    command = [sys.executable, "-m", "knowledge.formats", os.path.basename(file_name) or "file", *map(str, limits)]
    # Nothing of ours is in its environment: a parser that was taken over finds no secret.
    environment = {"PATH": os.defpath, "PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = yielding.run(
            subprocess.run,
            command,
            stdin=copy,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE * settings.DOCUMENT_MAX_SECONDS,
            cwd=settings.BASE_DIR,
            env=environment,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as late:
        raise UnreadableDocument(TOO_LONG) from late
    try:
        answer = msgspec.msgpack.decode(done.stdout, type=_Answer)
    except msgspec.MsgspecError as broken:
        raise UnreadableDocument(TOO_LONG if done.returncode in (-9, -24) else CRASHED) from broken
    if answer.reading is None:
        raise _translated(answer) if answer.refused else UnreadableDocument(CRASHED)
    return answer.reading


class _Answer(msgspec.Struct):
    reading: Reading | None = None
    refused: str = ""
    places: dict[str, str | int] = {}


def _translated(answer):
    """What the child refused with, in the language that is spoken here."""
    places = {name: gettext(said) if isinstance(said, str) and said else said for name, said in answer.places.items()}
    return UnreadableDocument(gettext(answer.refused), **places)


def _checked(reading):
    if not any(letter.isalnum() for letter in reading.text):
        raise UnreadableDocument(NO_TEXT)
    return reading
