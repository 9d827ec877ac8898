"""A persona archive from anybody: refused in words, with nothing made."""

import hashlib
import io
import json
import shutil
import zipfile

import pytest

from knowledge import archives
from knowledge.archives import checking
from knowledge.models import Document
from personas.models import Persona
from tests.knowledge.packing import files, packed

pytestmark = pytest.mark.django_db


def forge(file, change=None, **entries):
    """The archive again, with its sheet changed by ``change(sheet)`` and entries replaced (None: left out)."""
    old, made = zipfile.ZipFile(file), io.BytesIO()
    with zipfile.ZipFile(made, "w") as new:
        told = json.loads(old.read("persona.json"))
        if change:
            change(told)
        kept = {name: old.read(name) for name in old.namelist()} | {"persona.json": json.dumps(told)} | entries
        for name, data in kept.items():
            if data is not None:
                new.writestr(name, data)
    made.seek(0)
    return made


def set_(*path, to):
    """A change of the sheet: one value at a path."""

    def change(told):
        *way, last = path
        for step in way:
            told = told[step]
        told[last] = to

    return change


FORGERIES = {
    "another format": (set_("format", to="zip"), {}, "not a persona archive"),
    "another version": (set_("version", to=2), {}, "another version"),
    "a version that only looks alike": (set_("version", to=[1]), {}, "another version"),
    "an unknown key": (set_("agent_id", to="a"), {}, "damaged"),
    "an unknown field": (set_("persona", "is_admin", to=True), {}, "does not know"),
    "a status": (set_("persona", "status", to="published"), {}, "does not know"),
    "a name of the wrong kind": (set_("persona", "name", to=["x"]), {}, "wrong kind"),
    "no name": (set_("persona", "name", to=""), {}, "Name"),
    "a number out of range": (set_("persona", "speed", to=9), {}, "Speed"),
    "a truth for a number": (set_("persona", "speed", to=True), {}, "wrong kind"),
    "a number beyond all": (set_("persona", "speed", to=10**400), {}, "wrong kind"),
    "a language that is none": (set_("persona", "extra_languages", to=[["en"]]), {}, "wrong kind"),
    "a character that no database takes": (set_("persona", "name", to="a\0b"), {}, "something else"),
    "half a character": (set_("persona", "name", to="a\ud800"), {}, "damaged"),
    "a variable": (set_("persona", "instructions", to="Hello {{name}}"), {}, "{{name}}"),
    "a starter question too long": (set_("starter_questions", 0, "text", to="a" * 141), {}, "Starter question 1"),
    "golden questions that are none": (set_("golden_questions", to={}), {}, "damaged"),
    "a golden question at odds with itself": (set_("golden_questions", 0, "expects_nothing", to=True), {}, "Golden"),
    "documents that are none": (set_("documents", to="all"), {}, "damaged"),
    "a document that is none": (set_("documents", 0, to=7), {}, "damaged"),
    "a document without a title": (set_("documents", 0, "title", to=""), {}, "Document 1"),
    "a kind that is none": (set_("documents", 0, "kind", to="exe"), {}, "kind"),
    "a file name with a path": (set_("documents", 3, "file_name", to="../../etc/passwd"), {}, "file name"),
    "a file of another kind": (set_("documents", 3, "file_name", to="handbook.exe"), {}, "cannot be read"),
    "a web address inside": (set_("documents", 0, "address", to={"url": "http://127.0.0.1/", "every": "never"}), {}, "Berths"),
    "a web address that is no text": (set_("documents", 0, "address", to={"url": 7, "every": "never"}), {}, "web address"),
    "a document in its own place": (set_("documents", 0, "superseded_by", to=1), {}, "damaged"),
    "a document in the place of one that is not there": (set_("documents", 0, "superseded_by", to=9), {}, "damaged"),
    "a document without content": (set_("documents", 0, "stored", to=None), {}, "damaged"),
    "another checksum": (set_("documents", 0, "stored", "sha256", to="0" * 64), {}, "changed after the export"),
    "another size": (set_("documents", 0, "stored", "bytes", to=1), {}, "changed after the export"),
    "a document beyond the limit": (set_("documents", 0, "stored", "bytes", to=10**9), {}, "larger than"),
    "an entry that is not there": (set_("documents", 0, "stored", "name", to="documents/9999.txt"), {}, "differ"),
    "one entry twice": (set_("documents", 0, "stored", "name", to="documents/0002.txt"), {}, "differ"),
    "an entry nobody names": (None, {"documents/9999.txt": b"x"}, "differ"),
    "an entry that climbs": (None, {"../outside.txt": b"x"}, "do not belong"),
    "an entry from the root": (None, {"/etc/passwd": b"x"}, "do not belong"),
    "no sheet": (None, {"persona.json": None}, "has no persona.json"),
    "a sheet that is no JSON": (None, {"persona.json": b"{"}, "damaged"),
    "a sheet with no number": (None, {"persona.json": b'{"version": NaN}'}, "damaged"),
    "a sheet without end": (None, {"persona.json": b"[" * 100_000}, "damaged"),
    "changed bytes": (None, {"documents/0001.txt": b"Free berths for all."}, "changed after the export"),
    "a picture that is none": (set_("avatar", to=None), {}, "differ"),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_archive_is_refused_in_words_and_nothing_is_made(whole, forgery, settings):
    change, entries, sentence = FORGERIES[forgery]
    forged = forge(packed(whole), change, **entries)
    before = files(settings), Persona.objects.count(), Document.objects.count()
    with pytest.raises(archives.BadArchive, match=sentence):
        archives.unpack(forged)
    assert (files(settings), Persona.objects.count(), Document.objects.count()) == before


def test_a_storage_that_takes_no_picture_leaves_nothing_behind(whole, settings):
    packed_ = packed(whole)
    shutil.rmtree(settings.MEDIA_ROOT / "avatars")
    (settings.MEDIA_ROOT / "avatars").write_text("in the way")
    before = files(settings), Persona.objects.count(), Document.objects.count()
    with pytest.raises(archives.BadArchive, match="storage did not take"):
        archives.unpack(packed_)
    assert (files(settings), Persona.objects.count(), Document.objects.count()) == before


def told_of(name, data):
    return {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def test_a_picture_that_is_no_picture_is_refused(whole):
    text = b"<svg onload=alert(1)>"
    forged = forge(packed(whole), set_("avatar", to=told_of("avatar.png", text)), **{"avatar.png": text})
    with pytest.raises(archives.BadArchive, match="picture"):
        archives.unpack(forged)


def test_what_ingestion_refuses_takes_back_what_was_stored_before_it(whole, settings):
    """The same content twice passes every check of the archive, and not the ordinary one."""

    def twice(told):
        copied = dict(told["documents"][3], stored=dict(told["documents"][3]["stored"], name="documents/0005.pdf"))
        told["documents"].append(copied)

    data = zipfile.ZipFile(packed(whole)).read("documents/0004.pdf")
    forged = forge(packed(whole), twice, **{"documents/0005.pdf": data})
    before = files(settings), Persona.objects.count(), Document.objects.count()
    with pytest.raises(archives.BadArchive, match="which is there already"):
        archives.unpack(forged)
    assert (files(settings), Persona.objects.count(), Document.objects.count()) == before


@pytest.mark.parametrize("data", [b"", b"PK", b"%PDF-1.4", b"PK\x05\x06" + b"\0" * 18, b"x" * 5000])
def test_what_is_no_archive_is_refused(data):
    with pytest.raises(archives.BadArchive):
        archives.unpack(io.BytesIO(data))


def test_every_broken_copy_of_an_archive_is_refused_or_is_the_same(whole):
    """A byte changed anywhere: in the directory, a header, a name, the content."""
    data = packed(whole).getvalue()
    for place in range(0, len(data), max(1, len(data) // 150)):
        broken = bytearray(data)
        broken[place] ^= 0x55
        try:
            contents_ = checking.check(io.BytesIO(bytes(broken)))
        except archives.BadArchive:
            continue
        assert contents_.persona.name == whole.name


def test_a_bomb_is_not_opened(whole):
    forged = io.BytesIO()
    with zipfile.ZipFile(forged, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("persona.json", b"{}")
        archive.writestr("documents/0001.txt", b"\0" * 50_000_000)
    with pytest.raises(archives.BadArchive, match="far too large"):
        archives.unpack(forged)


def test_a_file_behind_a_password_is_refused(whole):
    data = bytearray(packed(whole).getvalue())
    place = data.find(b"PK\x01\x02")
    data[place + 8] |= 1
    with pytest.raises(archives.BadArchive, match="password"):
        archives.unpack(io.BytesIO(bytes(data)))
