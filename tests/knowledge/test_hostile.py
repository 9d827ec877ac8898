"""Files made to do harm: each is read within its limits or refused in a sentence; the child may die, the worker does not."""

import time

import pytest
from django.core.files.base import ContentFile

from knowledge import reading
from knowledge.reading import UnreadableDocument
from tests.knowledge import samples

ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
BILLION = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "laugh">{ENTITIES}]>'
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def laughing_word():
    body = f"{BILLION}<w:document {W}><w:body><w:p><w:r><w:t>&e11;</w:t></w:r></w:p></w:body></w:document>"
    return samples.repacked(samples.word(), "word/document.xml", lambda _: body)


def deep_word(tag, times):
    nested = f"{tag}<w:p><w:r><w:t>bottom</w:t></w:r></w:p>"
    ends = "".join(f"</{part.strip('<>')}>" for part in reversed(tag.split("><")))
    body = f"<w:document {W}><w:body>{tag * times}{nested[len(tag) :]}{ends * times}</w:body></w:document>"
    return samples.repacked(samples.word(), "word/document.xml", lambda _: body)


def endless_sheet():
    """Two cells, in the first and the last place that a sheet has."""
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData></worksheet>'
    return samples.repacked(samples.workbook({"A": [["x"]]}), "xl/worksheets/sheet1.xml", lambda _: sheet)


def crowded_zip():
    entries = {f"part{number}.xml": "" for number in range(20_000)}
    return samples.packed({"word/document.xml": "<x/>"} | entries)


def lying_zip():
    """An entry that says it is small, and is not."""
    data = samples.packed({"META-INF/container.xml": "<x/>", "big": b"0" * 5_000_000})
    return data.replace((5_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))


BUSY = 20  # seconds that a busy machine may take to start and to end a child

HOSTILE = {
    "divs in divs": ("a.html", lambda: b"<div>" * 300_000 + b"bottom"),
    "lists in lists": ("a.html", lambda: b"<ul><li>x" * 60_000),
    "tables in tables": ("a.html", lambda: b"<table><tr><td>" * 30_000 + b"bottom"),
    "millions of empty tags": ("a.html", lambda: b"<b></b>" * 3_000_000 + b"text"),
    "millions of attributes": ("a.html", lambda: b"<p " + b"a=1 " * 2_000_000 + b">text"),
    "a cell over everything": ("a.html", lambda: b"<table>" + b"<tr><td rowspan=99999 colspan=99999>x</td></tr>" * 2_000),
    "laughing entities in a page": ("a.html", lambda: f"{BILLION}<html><body>&e11;</body></html>".encode()),
    "unclosed comments": ("a.html", lambda: b"<html>" + b"<!--" * 2_000_000),
    "one long line": ("a.txt", lambda: b"x" * 20_000_000),
    "one long line of spaces": ("a.txt", lambda: b"x" + b" " * 10_000_000 + b"y"),
    "millions of empty lines": ("a.txt", lambda: b"word\n" + b"\n" * 10_000_000 + b"word"),
    "millions of capitals": ("a.txt", lambda: b"AB CD\n\n" * 500_000),
    "quotes in quotes": ("a.md", lambda: b">" * 200_000 + b" text"),
    "brackets": ("a.md", lambda: b"[" * 200_000 + b"text"),
    "stars": ("a.md", lambda: b"*a_ " * 200_000),
    "backticks": ("a.md", lambda: b"".join(b"`" * n + b" " for n in range(3_000))),
    "links to nowhere": ("a.md", lambda: b"[a](" * 200_000),
    "front matter without end": ("a.md", lambda: b"---\n" + b"a: b\n" * 2_000_000),
    "ten thousand columns": ("a.csv", lambda: b"x," * 9_999 + b"x\n"),
    "millions of commas": ("a.csv", lambda: b"," * 20_000_000),
    "millions of rows": ("a.csv", lambda: b"a,b\n" * 3_000_000),
    "quotation marks": ("a.csv", lambda: b'"' * 10_000_001),
    "laughing entities in Word": ("a.docx", laughing_word),
    "tables in tables in Word": ("a.docx", lambda: deep_word("<w:tbl><w:tr><w:tc>", 5_000)),
    "controls in controls in Word": ("a.docx", lambda: deep_word("<w:sdt><w:sdtContent>", 100)),
    "an endless sheet": ("a.xlsx", endless_sheet),
    "a zip of 20,000 parts": ("a.docx", crowded_zip),
    "a zip that lies": ("a.epub", lying_zip),
    "a zip bomb": ("a.docx", samples.bomb),
    "noise in a zip": ("a.epub", lambda: samples.epub({"a.xhtml": "<body><p>x</p></body>"})[:300] + bytes(5_000)),
    "a book in itself": ("a.epub", lambda: samples.packed({"META-INF/container.xml": '<c><rootfile full-path="META-INF/container.xml"/></c>'})),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_read_within_its_limits_or_refused_in_a_sentence(name, settings):
    settings.DOCUMENT_MAX_SECONDS, settings.DOCUMENT_MAX_MEMORY_MB = 3, 700
    file_name, make = HOSTILE[name]
    data = make()
    began = time.monotonic()
    try:
        assert reading.read_file(ContentFile(data), file_name).text.strip()
    except UnreadableDocument as refusal:
        assert str(refusal).endswith(".")
        assert "Traceback" not in str(refusal)
    assert time.monotonic() - began < settings.DOCUMENT_MAX_SECONDS + BUSY
