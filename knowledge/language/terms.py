"""Text to the terms it is found by: stemmed words, pairs of letters where there are no spaces, and character 3-grams.

Pure. Vietnamese keeps its tone marks in words, since they tell words apart, and adds pairs of syllables, since most words
have two (XQuAD, hit@1: 89.2 folded, 94.2 so); its 3-grams are folded, for people who type without. The same function reads passages and questions, so a term is the same on both sides whatever was done to it.
"""

import re
import threading
import unicodedata
from functools import lru_cache

import numpy as np
import Stemmer

from knowledge.language.scripts import HAN_AND_KANA, HANGUL, MARKS, THAI_AND_KIN, base
from knowledge.language.stopwords import QUESTION_PAIRS, WORDS

STEMMERS = {
    "ar": "arabic", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "it": "italian",
    "ms": "indonesian", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
HAN = re.compile("[\u4e00-\u9fff\u3400-\u4dbf]")
UNSPACED = re.compile(f"[{HAN_AND_KANA}{HANGUL}{THAI_AND_KIN}]+")
WORD = re.compile(
    rf"\d+(?:[.,:]\d+)+|[{HAN_AND_KANA}{HANGUL}{THAI_AND_KIN}]+|[^\W_{HAN_AND_KANA}{HANGUL}{THAI_AND_KIN}](?:[^\W_{HAN_AND_KANA}{HANGUL}{THAI_AND_KIN}]|[{MARKS}\u200c\u200d])*"
)
# Accents of Latin, Greek and Cyrillic; the vowel points of Arabic and Hebrew; Arabic's stretching line. The marks of
# other scripts are vowels and stay.
FOLDED_AWAY = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\ufeff]"
)
LETTERS = str.maketrans(
    {
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "œ": "oe",
        "æ": "ae",
        "ð": "d",
        "þ": "th",
        "’": "'",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "ة": "ه",
    }
)
BETWEEN = "\x1e"  # the record separator, which no text holds that was read
TOKEN = re.compile(f"{BETWEEN}|{WORD.pattern}")
# The same for text without combining marks and unspaced scripts, which is most text, in a third of the time.
LATIN_TOKEN = re.compile(rf"{BETWEEN}|\d+(?:[.,:]\d+)+|[^\W_]+")
BEYOND_LATIN = re.compile("[\u0300-\u036f\u0483-\u1fff\u200c\u200d\u20d0-\u20ff\u2c00-\U0010ffff]")
NUMBER_MARKS = re.compile("[.,:]")
LAST_SPACED = "\u0dff"  # before it no script goes without spaces
SPACE, MARK = 32, 0x1E
GRAM_BITS = 21  # a code point needs 21 bits, so three of them are an exact 63-bit key

_local = threading.local()


def fold(text):
    """NFKC, casefolded, without accents: how a text looks to somebody who types in a hurry."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFC", FOLDED_AWAY.sub("", unicodedata.normalize("NFD", text))).translate(LETTERS)


def words(text, language):
    """The stemmed words of a text in order, stop words left out. [] for a text without any."""
    return words_in_each([text], language)[0]


def words_in_each(texts, language):
    """The words of several texts: a list of lists. Quicker than one by one."""
    language = base(language)
    stops, tonal = WORDS.get(language, frozenset()), language == "vi"
    found, each = [], []
    for word in _tokens(unicodedata.normalize("NFKC", BETWEEN.join(texts)).casefold()):
        if word == BETWEEN:
            each.append(found)
            found = []
        elif word in stops:
            continue
        elif word[0] > LAST_SPACED and UNSPACED.match(word):
            found.extend(_letters(fold(word)))
        elif word[0].isdigit():
            found.append(NUMBER_MARKS.sub("", word))
        else:
            found.append(word if tonal else _stem(word, language))
    each.append(found)
    return [_add_pairs(one) for one in each] if tonal else each


def surface_words(text):
    """The words of a text as they stand there, in small letters: without numbers and runs of letters without spaces."""
    return [
        word
        for word in _tokens(unicodedata.normalize("NFKC", text).casefold())
        if not word[0].isdigit() and not (word[0] > LAST_SPACED and UNSPACED.match(word))
    ]


def content_words(question, language):
    """The words of a question; when all of them are stop words ("who are you?"), those."""
    return words(question, language) or words(question, "")


def _letters(run):
    """What stands for words where there are no spaces: overlapping pairs of letters, and each Han character, which is
    often a word by itself (XQuAD Chinese, hit@1: pairs 92.9, with single characters 93.6)."""
    pairs = [run[place : place + 2] for place in range(len(run) - 1)] or [run]
    return [pair for pair in pairs if pair not in QUESTION_PAIRS] + HAN.findall(run)


def grams(text):
    """The character 3-grams of a text in order, as int64 keys: within words, each word with a space at both ends."""
    return grams_in_each([text])[0]


def grams_in_each(texts):
    """(keys, owners): the 3-grams of several texts one after the other, and which text each is of."""
    letters = " ".join(["", *_tokens(fold(BETWEEN.join(texts))), ""])
    points = np.frombuffer(letters.encode("utf-32-le"), np.uint32).astype(np.int64)
    if len(points) < 3:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    first, middle, last = points[:-2], points[1:-1], points[2:]
    whole = (middle != SPACE) & (first != MARK) & (middle != MARK) & (last != MARK)
    keys = (first[whole] << (2 * GRAM_BITS)) | (middle[whole] << GRAM_BITS) | last[whole]
    return keys, np.cumsum(points == MARK)[1:-1][whole]


def _tokens(text):
    """Words, runs of letters without spaces, and BETWEEN, in order."""
    return (TOKEN if BEYOND_LATIN.search(text) else LATIN_TOKEN).findall(text)


def _add_pairs(found):
    return found + [f"{first} {second}" for first, second in zip(found, found[1:], strict=False)]


@lru_cache(maxsize=100_000)
def _stem(word, language):
    """A word's stem, folded. Kept, since texts repeat their words; PyStemmer's objects must stay within one thread."""
    name = STEMMERS.get(language)
    if name is None:
        return fold(word)
    known = _local.__dict__.setdefault("stemmers", {})
    if name not in known:
        known[name] = Stemmer.Stemmer(name, 0)
    return fold(known[name].stemWord(word))
