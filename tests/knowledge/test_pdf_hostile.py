"""PDFs that mean harm, hold what they do not show, or are very long."""

import re
import subprocess
import sys

import pytest
from django.core.files.base import ContentFile

from knowledge import reading
from knowledge.reading import UnreadableDocument
from tests.conftest import ROOT
from tests.knowledge import sheets

HELLO = ("<< /Length 99 >>", b"BT /F1 12 Tf 60 700 Td (Hello from the harbour) Tj ET")
FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
CATALOG = "<< /Type /Catalog /Pages 2 0 R >>"
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"


def read(data):
    return reading.read_file(ContentFile(data), "a.pdf")


def refusal(data):
    with pytest.raises(UnreadableDocument) as refused:
        read(data)
    return str(refused.value)


PEAK = """
import sys
from pathlib import Path
from knowledge.formats import pdf
found = pdf.read(sys.stdin.buffer.read(), 2000)
status = Path("/proc/self/status").read_text().splitlines()
print(found.pages, next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def peak_mb(pages):
    """Megabytes at the peak of a process that reads a PDF of as many short pages."""
    data = sheets.lines(*([f"Sentence {number} says something."] * 3 for number in range(pages)))
    done = subprocess.run([sys.executable, "-c", PEAK], cwd=ROOT, input=data, capture_output=True, check=True)
    read_, kilobytes = map(int, done.stdout.split())
    assert read_ == pages
    return kilobytes / 1024


def test_two_thousand_pages_take_little_more_memory_than_two_hundred():
    assert peak_mb(2_000) - peak_mb(200) < 15


SECRET = "The office sells the key to the lock for nine euros."
UNSEEN = {
    "written in white": {},
    "written without ink": {"mode": 3, "colour": "black"},
    "written too small to read": {"size": 0.5, "colour": "black"},
    "placed outside the page": {"x": 700, "colour": "black"},
}


@pytest.mark.parametrize(("how", "given"), UNSEEN.items(), ids=UNSEEN)
def test_what_a_page_holds_and_does_not_show_is_told(how, given):
    found = read(sheets.secretive(SECRET, **given))
    assert [(hidden.how, hidden.text, hidden.page) for hidden in found.hidden] == [(how, SECRET, 1)]
    assert found.text.startswith("The tide table hangs in the office, next to the door.")


@pytest.mark.parametrize("given", [{"ground": "navy"}, {"colour": "grey"}], ids=["white on blue", "grey"])
def test_what_a_reader_sees_is_not_called_hidden(given):
    found = read(sheets.secretive(SECRET, **given))
    assert SECRET in found.text
    assert found.hidden == []


def tied_outline():
    catalog = "<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>"
    entry = "<< /Title (Hello) /Parent 6 0 R /Next 7 0 R /First 7 0 R /Last 7 0 R >>"
    pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return sheets.raw(catalog, pages, PAGE, HELLO, FONT, "<< /Type /Outlines /First 7 0 R /Last 7 0 R >>", entry)


def deep_arrays():
    page = PAGE.replace("/Type /Page", "/Type /Page /X " + "[" * 200_000 + "]" * 200_000)
    return sheets.raw(CATALOG, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, HELLO, FONT)


def crowded():
    drawn = " ".join(f"1 0 0 1 {n * 7919 % 5000} {n * 104729 % 5003} Tm (ab) Tj" for n in range(20_000))
    stream = ("<< /Length 9 >>", HELLO[1] + b" BT /F1 1 Tf " + drawn.encode() + b" ET")
    return sheets.raw(CATALOG, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", PAGE, stream, FONT)


HARMLESS = {"outline in a circle": tied_outline, "deep arrays": deep_arrays, "crowded page": crowded}


@pytest.mark.parametrize("made", HARMLESS.values(), ids=HARMLESS)
def test_a_strange_file_is_read_all_the_same(made):
    assert "Hello from the harbour" in read(made()).text


def circle_of_pages():
    return sheets.raw(
        CATALOG, "<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>", "<< /Type /Pages /Kids [2 0 R] /Count 1 >>"
    )


def form_in_itself():
    form = ("<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 11 /Resources << /XObject << /F1 4 0 R >> >> >>", b"/F1 Do /F1 Do")  # fmt: skip
    return sheets.raw(CATALOG, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", PAGE.replace("/Font", "/XObject").replace("5 0 R", "4 0 R"), form)  # fmt: skip


HOSTILE = {
    "decompression bomb": (sheets.bomb, "memory|scan"),
    "pages in a circle": (circle_of_pages, "damaged"),
    "a form in itself": (form_in_itself, "damaged|scan"),
    "pages without end": (
        lambda: sheets.raw(CATALOG, *[f"<< /Type /Pages /Kids [{n} 0 R] /Count 1 >>" for n in range(3, 20_000)]),
        "damaged",
    ),  # fmt: skip
    "no pages": (lambda: sheets.raw(CATALOG, "<< /Type /Pages /Kids [] /Count 0 >>"), "no pages"),
    "noise": (lambda: b"%PDF-1.4\n" + bytes(range(256)) * 400, "damaged"),
}


@pytest.mark.parametrize(("made", "word"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_and_the_next_one_is_read(made, word):
    assert re.search(word, refusal(made()))
    assert read(sheets.lines(["All is well again."])).text == "All is well again."


def test_a_password_for_changes_alone_keeps_nobody_from_reading():
    assert read(sheets.guarded("The tide table hangs in the office.")).text == "The tide table hangs in the office."
