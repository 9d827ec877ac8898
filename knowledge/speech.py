"""Text as it can be said aloud, and questions as people meant them. Pure."""

import re
import unicodedata

URL = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]]+[^\s<>()\[\].,;:!?'\"]|(?<![\w@])[\w.+-]+@[\w-]+\.[\w.-]*\w")
LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
MARKER = re.compile(
    r"\s?\[(?:\d{1,3}(?:\s*[,–-]\s*\d{1,3})*|note \d+|citation needed|[a-z]|\^?\d+)\](?!\()|\s?【[^】]{0,40}】|\^\d+\b",
    re.I,
)
EMPHASIS = re.compile(r"(\*\*\*|\*\*|\*|___|__|_|~~|``|`)(?=\S)(.+?)(?<=\S)\1")
LINE_START = re.compile(r"^\s*(?:#{1,6}\s+|>+\s?|[-*+•‣▪◦·]\s+|\(?\d{1,3}[.)]\s+)", re.M)
TABLE = re.compile(r"\s*\|\s*")
TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
EMPTY_BRACKETS = re.compile(r"\s?[(\[]\s*[,;.]?\s*[)\]]")
SPACE = re.compile(r"\s+")
SPACE_BEFORE_MARK = re.compile(r"\s+([,.;:!?])(?=\s|$)")
# What makes a sentence worth looking at more closely; most have none of it.
UNSPEAKABLE = re.compile(
    r"[\[\]*_`<>|#@^~【]|://|www\.|\s\s|[\n\t\r]|\(\s*\)|\s[,.;:!?]|^\s*(?:[-+•‣▪◦·]|\(?\d{1,3}[.)])\s"
)
CLOSED = tuple(".!?…。！？।॥؟۔:;；：\"'”’»)」』")
SPACELESS = frozenset(["zh", "ja"])

# Bidirectional controls, zero-width characters, tags and other invisible instructions; not the joiners, which Persian
# and Hindi are written with.
INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
JOINERS = re.compile("(?<![\u0600-\u06ff\u0900-\u0dff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u06ff\u0900-\u0dff])")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def remove_hidden(text):
    """The text without what nobody sees: NUL and other controls, lone surrogates, bidirectional controls, zero-width
    and tag characters. Line breaks are \\n, and letters are in composed form."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    text = CONTROL.sub("", text.replace("\x0c", "\n").replace("\x85", "\n"))
    return unicodedata.normalize("NFC", JOINERS.sub("", INVISIBLE.sub("", text)))


def clean_question(question):
    """A question in one line, without anything hidden in it."""
    return SPACE.sub(" ", remove_hidden(question)).strip()


def say(text):
    """A sentence without markdown, tags, addresses and reference markers, in one line."""
    if not UNSPEAKABLE.search(text):
        return text.strip(" ,;")
    text = LINK.sub(r"\1", TAG.sub("", text))
    text = MARKER.sub("", URL.sub("", text))
    text = LINE_START.sub("", text)
    for _ in range(2):
        text = EMPHASIS.sub(r"\2", text)
    text = TABLE.sub(", ", text.strip(" |")) if "|" in text else text
    text = EMPTY_BRACKETS.sub("", SPACE.sub(" ", text))
    return SPACE_BEFORE_MARK.sub(r"\1", text).strip(" ,;*_`#")


def join(sentences, language):
    """Sentences as one text, each closed: a list item gets its full stop."""
    stop = "。" if language in SPACELESS else "" if language == "th" else "।" if language == "hi" else "."
    closed = [sentence if sentence.endswith(CLOSED) else sentence + stop for sentence in sentences]
    return ("" if language in SPACELESS else " ").join(closed)


def cut(text, limit):
    """At most ``limit`` characters, cut behind a clause or a word, with a sign that it goes on."""
    if len(text) <= limit:
        return text
    head = text[: max(limit - 1, 0)]
    place = max(head.rfind(mark) for mark in (", ", "; ", "，", "、", "، "))
    if place < limit // 2:
        place = head.rfind(" ") if head.rfind(" ") > limit // 2 else len(head)
    return head[:place].rstrip(" ,;") + "…"
