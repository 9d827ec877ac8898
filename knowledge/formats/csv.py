"""Tables as text, CSV and TSV: whatever separates the columns, in whatever encoding."""

import csv
import io
import re
from collections import Counter

from knowledge.formats import faq
from knowledge.formats.blocks import UnreadableDocument, assemble
from knowledge.formats.decoding import decode

SEPARATORS = ",;\t|"
NAMED = re.compile(r"\Asep=(.)\r?\n", re.I)  # how Excel is told
SAMPLE = 65_536  # characters by which the separator is told
LONGEST_CELL = 1_000_000  # characters


def read(data):
    """Bytes of a table as a Reading: one section for each question, or one line for each row."""
    text = decode(data)
    named = NAMED.match(text)
    text = text[named.end() :] if named else text
    return assemble("csv", faq.blocks(_rows(text, named.group(1) if named else tell_separator(text))))


def tell_separator(text):
    """The character that cuts most rows of a sample into the same number of cells, more than one."""
    sample = text[:SAMPLE]
    return max(SEPARATORS, key=lambda separator: (_agreement(sample, separator), -SEPARATORS.index(separator)))


def _agreement(sample, separator):
    widths = Counter(len(cells) for cells in _parsed(sample, separator) if cells)
    width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
    return count / widths.total() if width > 1 else 0


def _rows(text, separator):
    try:
        yield from _parsed(text, separator)
    except csv.Error as problem:
        raise UnreadableDocument(
            "A cell in this table never ends: there may be a quotation mark too many. Correct it and upload it again."
        ) from problem


def _parsed(text, separator):
    csv.field_size_limit(LONGEST_CELL)
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)
