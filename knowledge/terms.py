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

from knowledge.scripts import HAN_AND_KANA, HANGUL, MARKS, THAI_AND_KIN, base
from knowledge.stopwords import QUESTION_PAIRS, WORDS

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
    text = unicodedata.normalize("NFKC", text).casefold()
    language = base(language)
    stops, tonal = WORDS.get(language, frozenset()), language == "vi"
    found = []
    for word in WORD.findall(text):
        if UNSPACED.match(word):
            found.extend(_letters(fold(word)))
        elif word[0].isdigit():
            found.append(re.sub("[.,:]", "", word))
        elif word not in stops:
            found.append(word if tonal else _stem(word, language))
    return found + [f"{first} {second}" for first, second in zip(found, found[1:], strict=False)] if tonal else found


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
    letters = " ".join(["", *WORD.findall(fold(text)), ""])
    points = np.frombuffer(letters.encode("utf-32-le"), np.uint32).astype(np.int64)
    if len(points) < 3:
        return np.zeros(0, np.int64)
    keys = (points[:-2] << (2 * GRAM_BITS)) | (points[1:-1] << GRAM_BITS) | points[2:]
    return keys[points[1:-1] != 32]


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
