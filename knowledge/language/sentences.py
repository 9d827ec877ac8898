"""Where sentences begin and end, in any of the languages personas speak. Pure.

Rules, not a model: a full stop ends a sentence unless it belongs to an abbreviation, an initial, an ordinal or a
number; the full stops of Chinese, Japanese, Hindi, Urdu and others end one wherever they stand; Thai, which has none,
is cut at its spaces. A sentence too long to say is cut at its clauses, and at last anywhere.
"""

import re

from knowledge.language.scripts import MARKS, THAI_AND_KIN, base

MAX_CHARACTERS = 400  # longer "sentences" are lists, tables or text without punctuation
THAI_CHARACTERS = 110  # about what a sentence takes

_ABBREVIATIONS = """mr mrs ms dr prof sr jr st mt ft no nos vol vols p pp para sec ch fig figs eq ed eds rev gen col lt sgt capt cmdr
    adm gov sen rep hon pres supt inc ltd co corp plc dept est approx ca cf cp al e.g i.e eg ie etc vs viz resp incl
    excl min max tel ext a.m p.m u.s u.k u.n e.u d.c b.c a.d jan feb mar apr jun jul aug sep sept oct nov dec mon tue
    wed thu fri sat sun av ave blvd rd bzw ca dr hr fr hrsg nr str usw vgl z.b d.h u.a evtl ggf inkl abb bd jh
    jhd mio mrd sog m mm mme mlle av env éd p.ex c.-à-d sra sras srta ud uds ee.uu pág págs núm art arts sig
    dott sig.ra ecc es n s.p.a sr.a exmo v.chr n.chr blz bijv dhr mevr o.a t.o.v ul tzw np tj tzn ok dn prof.dr
    г гг в вв др пр т.е т.д т.п т.к им ул стр рис тыс млн млрд руб св напр π.χ κ.λπ αρ σελ κ δρ vb vs yy örn dr.öğr"""
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())
ORDINALS = frozenset(
    ["bg", "cs", "da", "de", "fi", "hr", "hu", "no", "pl", "sk", "sv", "tr"]
)  # "3. Oktober" is one thing

PARAGRAPH = r"\n[^\S\n]*\n\s*"
LATIN_END = r"(?:[.!?…‽]+|\.\.\.)[\"'”’»)\]]*(?=\s|$)"
ARABIC_END = r"[؟۔]+[\"'”’»)\]]*"
ANYWHERE_END = r"[。！？｡﹖﹗．]+[」』”’）》】\"')]*|[।॥։።။៕។]+[\"'”’)]*"
LINE = r"\n"
GREEK_QUESTION = r";(?=\s)"
BREAK = re.compile(f"({PARAGRAPH})|({ANYWHERE_END}|{ARABIC_END})|({LATIN_END})|({LINE})|({GREEK_QUESTION})")
BULLET = re.compile(r"[^\S\n]*(?:[-*•‣▪◦–—·]\s|\(?\d{1,3}[.)]\s|\(?[a-z][.)]\s|\|)")
LAST_WORD = re.compile(r"[^\s(\[\"'“‘«]+$")
CLAUSE = re.compile(r"[;:；：，、,،]\s*|\s[–—-]\s|\s+")
THAI = re.compile(f"[{THAI_AND_KIN}]")
UNBREAKABLE = re.compile(f"[{MARKS}\u200c\u200d\ufe0f]")


def find_sentences(text, language="en", start=0, end=None):
    """The sentences of text[start:end] as [(start, end), …] in order: trimmed of white space, not overlapping, and
    together holding every character that is not white space."""
    end = len(text) if end is None else end
    found, first = [], start
    for last in _ends(text, language, start, end):
        found.extend(_cut_long(text, *_trim(text, first, last)))
        first = last
    found.extend(_cut_long(text, *_trim(text, first, end)))
    return [(first, last) for first, last in found if first < last]


def _ends(text, language, start, end):
    """The offsets behind each sentence end."""
    line = start  # where the current line begins
    for match in BREAK.finditer(text, start, end):
        paragraph, anywhere, latin, newline, greek = match.groups()
        if (
            paragraph
            or anywhere
            or (latin and _ends_sentence(text, match, line, end, language))
            or (newline and _ends_line(text, line, match.start(), match.end(), end))
            or (greek and base(language) == "el")
        ):
            yield match.end()
        if paragraph or newline:
            line = match.end()


def _ends_sentence(text, match, line, end, language):
    """Whether the full stop, question or exclamation mark at ``match`` ends a sentence."""
    following = text[match.end() : min(match.end() + 12, end)].lstrip(" \t\n\"'“‘«([¿¡")
    if following[:1].islower():
        return False
    if not match.group().startswith(".") or match.group().startswith(".."):
        return True
    word = LAST_WORD.search(text, max(line, match.start() - 30), match.start())
    if word is None:
        return True
    word, begins_line = word.group(), not text[line : word.start()].strip()
    if word.isdigit() and len(word) <= 3:
        return not begins_line and not (len(word) <= 2 and base(language) in ORDINALS)
    if len(word) == 1 and word.isalpha() and word.isupper():
        return not following[:1].isupper()
    return word.lower() not in ABBREVIATIONS


def _ends_line(text, line, newline, after, end):
    """Whether a single line break ends a sentence: lists and headings do it, wrapped prose does not."""
    if BULLET.match(text, after, end):
        return True
    before = text[line:newline].rstrip()
    following = text[after : after + 1]
    if before.endswith((":", ".", "!", "?", "|", ";")):
        return True
    return len(before) < 45 and not following.islower()


def _cut_long(text, start, end):
    """The span itself, or pieces of it that can be said in one breath."""
    limit = MAX_CHARACTERS
    if end - start > THAI_CHARACTERS and len(THAI.findall(text, start, end)) > (end - start) / 2:
        limit = THAI_CHARACTERS
    while end - start > limit:
        cut = _place_to_cut(text, start, start + limit)
        yield _trim(text, start, cut)
        start, _ = _trim(text, cut, end)
    yield start, end


def _place_to_cut(text, start, latest):
    """Behind the last clause mark of the second half, else behind the last space of it, else at ``latest``."""
    middle = start + (latest - start) // 2
    places = list(CLAUSE.finditer(text, middle, latest))
    marked = [match.end() for match in places if match.group().strip()]
    if marked or places:
        return marked[-1] if marked else places[-1].end()
    while latest > middle and UNBREAKABLE.match(text, latest):
        latest -= 1
    return latest


def _trim(text, start, end):
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
