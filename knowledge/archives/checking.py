"""An archive as it comes from outside: nothing is believed, and nothing made before all of it was looked at.

No entry is ever written under its own name, and none is read beyond the size it says; what says too much is not opened.
"""

import hashlib
import json
import os
import re
import zipfile
import zlib
from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge import naming, reading
from knowledge.archives.contents import FORMAT, PARTS, SHEET, VERSION, DoesNotFit, build
from knowledge.models import Address, Document
from personas.models import MAX_AVATAR_BYTES, Persona

MOST_DOCUMENTS = 2000
MOST_BYTES = 4 * 1024**3  # of everything, unpacked
MOST_SHEET_BYTES = 16 * 1024**2
WORST_RATIO = 200  # text packs 10 to 20 times; a bomb a thousand
NAME = re.compile(r"persona\.json|avatar\.(png|jpg|jpeg|webp)|documents/\d{4,6}(\.[a-z0-9]{1,10})?")
KEYS = {"format", "version", "persona", "documents", "avatar", *PARTS}
BESIDE = {"kind", "named", "file_name", "address", "superseded_by", "stored"}  # of a document, what no form shows
STORED = {"name": str, "bytes": int, "sha256": str}
DAMAGED = _("The file is damaged, or not a persona archive. Export the persona again and import that file.")


class BadArchive(Exception):
    """It is not imported, for the reason in words; nothing was made."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document of the archive, the entry its content lies in, and the number of the one that answers in its place."""

    row: Document  # unsaved, with what staff set
    entry: str  # "" for a web page that was not fetched yet
    address: Address | None
    superseded_by: int | None


@dataclass(frozen=True, slots=True)
class Contents:
    """An archive whose every part was checked. The rows are not saved."""

    archive: zipfile.ZipFile
    persona: Persona
    parts: dict  # rows by the name of the part
    sources: list
    avatar: str  # an entry, or ""

    def open(self, entry):
        """The content of an entry, as a binary file to read from."""
        return self.archive.open(entry)


def check(file):
    """The Contents of an uploaded archive, a binary file that can be searched. Raises BadArchive."""
    try:
        archive = zipfile.ZipFile(file)
        _check_size(archive, file.seek(0, os.SEEK_END))
        sheet = _read_sheet(archive)
        contents = _read_contents(archive, sheet)
        _check_entries(archive, sheet)
    except DoesNotFit as refusal:
        raise BadArchive(str(refusal)) from refusal
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as problem:
        raise BadArchive(DAMAGED) from problem
    return contents


def _check_size(archive, size):
    """Before anything is unpacked. Entries that share their bytes claim more than the file has: a bomb, too."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if len(entries) > MOST_DOCUMENTS + 2:
        raise BadArchive(
            gettext("It holds more than {most_documents} documents. Import it in parts.").format(
                most_documents=MOST_DOCUMENTS
            )
        )
    if packed > size or unpacked > MOST_BYTES or unpacked > WORST_RATIO * max(packed, 50_000):
        raise BadArchive(gettext("Unpacked, it would be far too large. It was not opened."))
    if len(set(names)) < len(names) or not all(NAME.fullmatch(name) for name in names):
        raise BadArchive(gettext("It holds files that do not belong into a persona archive. It was not opened."))
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise BadArchive(DAMAGED)
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadArchive(gettext("It is protected by a password. Export the persona again, without one."))


def _read_sheet(archive):
    if SHEET not in archive.namelist() or archive.getinfo(SHEET).file_size > MOST_SHEET_BYTES:
        raise BadArchive(gettext("This is not a persona archive: it has no {sheet}.").format(sheet=SHEET))
    try:
        sheet = json.loads(archive.read(SHEET), parse_constant=_refuse)
        plain = json.dumps(sheet, ensure_ascii=False)
        plain.encode()
    except (ValueError, RecursionError) as problem:
        raise BadArchive(DAMAGED) from problem
    if not isinstance(sheet, dict) or sheet.get("format") != FORMAT or "\\u0000" in plain:
        raise BadArchive(gettext("This is not a persona archive: its {sheet} says something else.").format(sheet=SHEET))
    if sheet.get("version") != VERSION:
        raise BadArchive(
            gettext("It was made by another version of Clone Advisor. Export it from the version you run here.")
        )
    if not set(sheet) <= KEYS or not isinstance(sheet.get("documents", []), list):
        raise BadArchive(DAMAGED)
    return sheet


def _refuse(constant):
    raise ValueError(gettext("{constant} is no number.").format(constant=constant))


def _read_contents(archive, sheet):
    persona = build(Persona, sheet.get("persona"), gettext("The persona"))
    parts = {}
    for name, model in PARTS.items():
        rows = sheet.get(name, [])
        if not isinstance(rows, list):
            raise BadArchive(DAMAGED)
        what = str(model._meta.verbose_name).capitalize()
        parts[name] = [build(model, one, f"{what} {number}", persona=persona) for number, one in enumerate(rows, 1)]
    sources = [_read_source(one, number, persona) for number, one in enumerate(sheet.get("documents", []), 1)]
    _check_order(sources)
    avatar = sheet.get("avatar")
    return Contents(archive, persona, parts, sources, _stored(avatar)["name"] if avatar is not None else "")


def _read_source(described, number, persona):
    what = gettext("Document {number}").format(number=number)
    if not isinstance(described, dict) or not set(described) >= BESIDE:
        raise BadArchive(DAMAGED)
    row = build(Document, {name: described[name] for name in set(described) - BESIDE}, what, persona=persona)
    row.kind, row.named, row.file_name = (described[name] for name in ("kind", "named", "file_name"))
    if row.kind not in Document.Kind.values:
        raise BadArchive(gettext("{what} is of a kind that this version does not know.").format(what=what))
    if type(row.named) is not bool or not isinstance(row.file_name, str):
        raise BadArchive(DAMAGED)
    if row.file_name and naming.clean_name(row.file_name) != row.file_name:
        raise BadArchive(gettext("{what} has a file name that cannot be.").format(what=what))
    address, stored = described["address"], described["stored"]
    if stored is None and address is None:
        raise BadArchive(DAMAGED)
    found = None if address is None else _read_address(address, what)
    return Source(row, "" if stored is None else _stored(stored)["name"], found, described["superseded_by"])


def _read_address(told, what):
    if not isinstance(told, dict) or set(told) != {"url", "every"} or told["every"] not in Address.Every.values:
        raise BadArchive(DAMAGED)
    if not isinstance(told["url"], str) or len(told["url"]) > Address._meta.get_field("url").max_length:
        raise BadArchive(gettext("{what} has a web address that cannot be.").format(what=what))
    return Address(url=told["url"], every=told["every"])


def _check_order(sources):
    """Documents answer in the place of others of the list, and none, by whatever way, in its own."""
    for source in sources:
        seen, place = set(), source.superseded_by
        while place is not None:
            if type(place) is not int or not 1 <= place <= len(sources) or place in seen:
                raise BadArchive(DAMAGED)
            seen.add(place)
            place = sources[place - 1].superseded_by


def _stored(told):
    fits = isinstance(told, dict) and set(told) == set(STORED)
    if not fits or not all(type(told[name]) is kind for name, kind in STORED.items()):
        raise BadArchive(DAMAGED)
    return told


def _check_entries(archive, sheet):
    """Every entry is named in the sheet and is what the sheet says, to the byte."""
    documents = [one["stored"] for one in sheet.get("documents", []) if one["stored"] is not None]
    avatar = [sheet["avatar"]] if sheet.get("avatar") is not None else []
    named = [one["name"] for one in documents + avatar]
    if sorted([*named, SHEET]) != sorted(archive.namelist()):
        raise BadArchive(gettext("Its list of documents and the files in it differ. Export the persona again."))
    if not all(name.startswith("documents/") for name in named[: len(documents)]):
        raise BadArchive(DAMAGED)
    for one in documents:
        try:
            reading.check_size(one["bytes"])
        except reading.UnreadableDocument as refusal:
            raise BadArchive(f"{one['name']}: {refusal}") from refusal
    for one in documents + avatar:
        if _sum(archive, one["name"]) != (one["bytes"], one["sha256"]):
            raise BadArchive(
                gettext("{one} was changed after the export. Export the persona again.").format(one=one["name"])
            )
    if avatar:
        _check_picture(archive, avatar[0])


def _sum(archive, name):
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as entry:
        for piece in iter(lambda: entry.read(1024 * 1024), b""):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def _check_picture(archive, told):
    """As the form does it: small enough, and really a picture."""
    if told["bytes"] > MAX_AVATAR_BYTES or not told["name"].startswith("avatar."):
        raise BadArchive(
            gettext("Its picture is larger than 2 MB. Give the persona a smaller one and export it again.")
        )
    field = Persona._meta.get_field("avatar")
    try:
        forms.ImageField(validators=field.validators).clean(ContentFile(archive.read(told["name"]), told["name"]))
    except ValidationError as refusal:
        raise BadArchive(gettext("Its picture: {problem}").format(problem=" ".join(refusal.messages))) from refusal
