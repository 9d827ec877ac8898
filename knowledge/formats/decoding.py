"""Bytes to text, in whatever encoding they are."""

import codecs
import re
from collections import Counter
from functools import cache

from knowledge.formats.alphabets import ENCODINGS, LETTERS
from knowledge.formats.blocks import UnreadableDocument

BINARY = "This is not text: it holds binary data. Save it as PDF, Word (.docx), HTML, Markdown or plain text."
MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
ESCAPES = [(b"\x1b$", "iso2022_jp_2"), (b"~{", "hz")]  # seven-bit encodings that switch alphabets
SAMPLE = 262_144  # characters in which binary data would show
JUDGED = 16_384  # bytes by which a guess is judged
LINE = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
STRANGE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]")
TYPED = frozenset("‘’“”„‚«»‹›–—…•·°§€£№©®™ª²³½\u00a0、。，「」・　")  # stand beside letters of any language
WRITTEN_APART = re.compile(r"[^\W\d_][“„«»‹›•°§€£©®™³½ªº¹µ¼¾¿¡‡†‰¬¦¤±÷×][^\W\d_]")
MIXED = re.compile(
    r"[A-Za-z][\u0370-\u1fff\u3040-\ud7a3\uff61-\uff9f]|[\u0370-\u1fff\u3040-\ud7a3\uff61-\uff9f][A-Za-z]"
)
TURNED = re.compile(r"[a-zß-öø-ÿа-яёєіїґђ-џα-ώ](?=[À-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪİĶĹĽĻŁŃŇŅŐŘŔŚŠŞŤŢŪŮŰŹŻŽА-ЯЁЄІЇҐЂ-ЏΆ-ΏΑ-Ω])")
WORST = 0.25  # a guess below this is none
# Codecs of Python's that are no encoding of a page. The first takes hours for a page of twenty megabytes.
NO_ENCODINGS = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined"}


def decode(data):
    """Bytes as text. Raises UnreadableDocument for what is no text."""
    text = _decode(data)
    strange = len(CONTROL.findall(text, 0, SAMPLE))
    if strange > max(8, min(len(text), SAMPLE) * 0.01):
        raise UnreadableDocument(BINARY)
    return text


def decode_as(data, name):
    """Bytes as text in the encoding of a name, or None when there is none."""
    try:
        if codecs.lookup(name).name.replace("-", "_") in NO_ENCODINGS:
            return None
        return data.decode(name, "replace")
    except LookupError:
        return None


def _decode(data):
    for mark, name in MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    for mark, name in ESCAPES:
        if mark in data and data.isascii():
            return _whole(data, name) or data.decode("ascii")
    text = _whole(data, "utf-8")
    if text is not None and not CONTROL.search(text, 0, SAMPLE):
        return text
    return data.decode(guess(data), "replace")


def _whole(data, name):
    """The text, or None when this encoding does not fit every byte."""
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return None


def guess(data):
    """The older encoding, or the UTF-16 without a mark, in which bytes give words of some language. Raises
    UnreadableDocument when none does."""
    sample = _sample(data)
    # Text in a single-byte encoding has no zeros, and text in UTF-16 has an even number of bytes.
    candidates = {} if b"\0" in sample else dict(ENCODINGS)
    if len(data) % 2 == 0:
        candidates |= {"utf-16-le": list(LETTERS), "utf-16-be": list(LETTERS)}
    judged = [(judge(sample, name, languages), name) for name, languages in candidates.items()]
    best, name = max(judged, key=lambda one: one[0], default=(-1, ""))
    if best < WORST:
        raise UnreadableDocument(BINARY)
    return name


def judge(sample, encoding, languages):
    """How much like one of the languages the bytes look in an encoding: 1 at best, below 0 for noise."""
    text = sample.decode(encoding, "replace")
    strange = len(STRANGE.findall(text))
    if strange > 0.02 * len(text) + 2:
        return -1.0
    counts = Counter(letter for letter in text.lower() if not letter.isascii())
    total = counts.total()
    if not total:
        return 0.9 - strange
    faults = len(WRITTEN_APART.findall(text)) + len(MIXED.findall(text)) + len(TURNED.findall(text)) + 3 * strange
    return max(_share(counts, language) for language in languages) / total - faults / total


def _share(counts, language):
    common, rare = _letters(language)
    return sum(
        count * (1 if letter in common else 0.8 if letter in rare else 0.7 if letter in TYPED else _other(letter))
        for letter, count in counts.items()
    )


def _other(letter):
    """Of a letter that is not among the language's: the thousands of Chinese and Korean ones cannot all be listed."""
    return 0.35 if "\u4e00" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7a3" else -0.5


@cache
def _letters(language):
    common, _, rare = LETTERS[language].partition("|")
    return frozenset(common), frozenset(rare)


def _sample(data):
    """Where letters beyond ASCII stand, whole lines of them; without such lines the beginning."""
    if b"\0" in data[:JUDGED]:
        return data[:JUDGED]
    found, size = [], 0
    for line in LINE.finditer(data):
        found.append(line.group())
        size += len(found[-1]) + 1
        if size > JUDGED:
            break
    return b"\n".join(found)[:JUDGED] or data[:JUDGED]
