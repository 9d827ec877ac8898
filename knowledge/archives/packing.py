"""A persona into an archive."""

import hashlib
import io
import json
import zipfile
from pathlib import PurePath

from django.utils.translation import gettext as _

from knowledge.archives.contents import FORMAT, PARTS, SHEET, VERSION, describe

PIECE = 1024 * 1024  # bytes held at once
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can name: the same persona is the same file


class CannotBePacked(Exception):
    """Something of the persona is not where it should be, said in words."""


def pack(persona, file):
    """Write the persona's archive into a writable binary file, a piece at a time. Raises CannotBePacked."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        documents = list(_documents(persona))
        numbers = {document.pk: number for number, document in enumerate(documents, 1)}
        sheet = {
            "format": FORMAT,
            "version": VERSION,
            "persona": describe(persona),
            **{name: [describe(row) for row in getattr(persona, name).all()] for name in PARTS},
            "documents": [_add(archive, document, numbers) for document in documents],
            "avatar": _add_picture(archive, persona),
        }
        text = json.dumps(sheet, ensure_ascii=False, indent=1, sort_keys=True)
        _copy_in(archive, SHEET, io.BytesIO(text.encode()))


def _documents(persona):
    """In the order in which they came, each source once: a new version of a page that is still being read is left out."""
    rows = persona.documents.filter(replaces=None).select_related("address").defer("text", "pasted_text", "page_starts")
    return rows.order_by("given_at", "created_at", "title")


def _add(archive, document, numbers):
    address = getattr(document, "address", None)
    return describe(document) | {
        "kind": document.kind,
        "named": document.named,
        "file_name": document.file_name,
        "address": {"url": address.url, "every": address.every} if address else None,
        "superseded_by": numbers.get(document.superseded_by_id),
        "stored": _add_content(archive, f"documents/{numbers[document.pk]:04d}", document),
    }


def _add_content(archive, name, document):
    """The file, or the text that was pasted; None for a web page that was not fetched yet."""
    if document.file:
        with _open(document.file, document.title) as source:
            return _copy_in(archive, f"{name}{PurePath(document.file.name).suffix.lower()}", source)
    if hasattr(document, "address"):
        return None
    return _copy_in(archive, f"{name}.txt", io.BytesIO(document.pasted_text.encode()))


def _add_picture(archive, persona):
    if not persona.avatar:
        return None
    with _open(persona.avatar, "the picture") as source:
        return _copy_in(archive, f"avatar{PurePath(persona.avatar.name).suffix.lower()}", source)


def _open(file, what):
    try:
        return file.storage.open(file.name, "rb")
    except OSError as problem:
        raise CannotBePacked(
            _(
                "The file of “{what}” is no longer in the storage. Upload it again, or delete it, and export once more."
            ).format(what=what)
        ) from problem


def _copy_in(archive, name, source):
    """What the sheet says of a stored file: its name in the archive, its bytes and their SHA-256."""
    entry = zipfile.ZipInfo(name, LONG_AGO)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    digest, size = hashlib.sha256(), 0
    with archive.open(entry, "w", force_zip64=True) as target:
        for piece in iter(lambda: source.read(PIECE), b""):
            target.write(piece)
            digest.update(piece)
            size += len(piece)
    return {"name": name, "bytes": size, "sha256": digest.hexdigest()}
