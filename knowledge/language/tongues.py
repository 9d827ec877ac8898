"""Which of a persona's languages a text is in: by its script, its stop words and the letters that few languages have. Pure.

A persona of one language never asks: what follows costs nothing then. A question may be too short to tell, and is taken in
every language that it may be in.
"""

import re
import unicodedata
from functools import lru_cache

from knowledge.language import stopwords, terms
from knowledge.language.scripts import base

# The script of languages that are not written in Latin letters, by the first word of their letters' Unicode names.
SCRIPTS = {
    "ar": "ARABIC", "bg": "CYRILLIC", "el": "GREEK", "hi": "DEVANAGARI", "ja": "HIRAGANA KATAKANA CJK", "ko": "HANGUL",
    "ru": "CYRILLIC", "ta": "TAMIL", "th": "THAI", "uk": "CYRILLIC", "zh": "CJK",
}  # fmt: skip
LATIN = "LATIN"
# Letters that say most about which of the languages of one script it is.
LETTERS = {
    "bg": "ъщ", "cs": "ěřů", "da": "æø", "de": "ßäöü", "es": "ñ¿¡áíóú", "fi": "äö", "fr": "çêèàœù", "hr": "đćž", "hu": "őűö",
    "it": "àèìòù", "ja": "のはをがにと", "no": "æøå", "pl": "łąężśćń", "pt": "ãõçâê", "ro": "șțăâî", "ru": "ыэё", "sk": "ľĺŕôä",
    "sv": "åäö", "tr": "ığşİ", "uk": "іїєґ", "vi": "ơưđạảấầếềệịọộợụủ",
}  # fmt: skip
LETTER_WEIGHT = 0.3  # of a telling letter, against a stop word
CERTAIN = 0.6  # a language that has less than this share of the likeliest one's signs is left out
MOST = 0.8  # of the letters
ELSEWHERE = 1000  # signs that outweigh all others
ENOUGH_TEXT = 4000  # characters of a passage or a document that tell its language
LETTER = re.compile(r"[^\W\d_]")


def choose(text, languages):
    """The language a passage is most probably in; the first when nothing tells."""
    if len(languages) == 1:
        return languages[0]
    signs = _count_signs(text[:ENOUGH_TEXT], languages)
    return max(languages, key=signs.__getitem__)  # of equals the first


def consider(question, languages):
    """The languages a question may be in, likeliest first: one when its words tell, every one of its script when not."""
    if len(languages) == 1:
        return tuple(languages)
    signs = _count_signs(question, languages)
    ranked = sorted(languages, key=lambda language: -signs[language])
    most = signs[ranked[0]]
    return tuple(language for language in ranked if most < 0 or signs[language] >= CERTAIN * most)


def _count_signs(text, languages):
    """How much speaks for each language: stop words, less for one that several have, telling letters and the script."""
    lists = [_stops(language) for language in languages]
    signs = dict.fromkeys(languages, 0.0)
    for word in map(terms.fold, terms.surface_words(text)):
        having = [language for language, stops in zip(languages, lists, strict=True) if word in stops]
        for language in having:
            signs[language] += 1 / len(having)
    lower, scripts = text.casefold(), _scripts(text)
    for language in languages:
        signs[language] += LETTER_WEIGHT * sum(map(lower.count, LETTERS.get(base(language), "")))
        signs[language] -= ELSEWHERE * (not _is_written_in(language, scripts))
    return signs


@lru_cache(maxsize=64)
def _stops(language):
    return frozenset(map(terms.fold, stopwords.WORDS.get(base(language), ())))


def _scripts(text):
    """How many of the text's first letters are of each script."""
    counted = {}
    for letter in LETTER.findall(text[:200]):
        script = unicodedata.name(letter, "").split(" ")[0]
        counted[script] = counted.get(script, 0) + 1
    return counted


def _is_written_in(language, scripts):
    """Whether the letters are the language's. A fifth of them will do, since names often stand in Latin letters: for the
    same reason a Latin language needs nearly all."""
    own = SCRIPTS.get(base(language), LATIN)
    share = sum(scripts.get(script, 0) for script in own.split()) / (sum(scripts.values()) or 1)
    return share >= (MOST if own == LATIN else 1 - MOST)
