"""What a bad ear makes of a question: letters wrong, words run together or torn apart, "um", no punctuation. Pure.

For measuring how well retrieval stands it (``manage.py evaluate_retrieval FILE --heard``). The same question is always
misheard in the same way, whatever was asked before it, so that two measurements can be compared.
"""

import hashlib
import random
import re
import unicodedata

from knowledge.language import hesitation
from knowledge.language.scripts import HAN_AND_KANA, MARKS, THAI_AND_KIN, base

WRONG = 0.25  # of the words over three letters, about as many as a poor line costs
LIKE_SOUNDING = 0.3  # of the wrong words, by sound instead of by chance, where the script is Latin
TOGETHER, APART, HESITANT, UNPUNCTUATED = 0.3, 0.2, 0.4, 0.6  # of the questions
SHORTEST_TORN = 6  # letters of a word that is torn in two
PIECE = 4  # letters that stand for a word where words are not written apart

UNSPACED = re.compile(f"[{HAN_AND_KANA}{THAI_AND_KIN}]")
PUNCTUATION = re.compile(rf"[^\w\s{MARKS}]|_")
LATIN = "abcdefghijklmnopqrstuvwxyz"
# Spellings that sound alike to one who knows several languages a little; each is tried in both directions.
ALIKE = (
    ("ph", "f"), ("ck", "k"), ("c", "k"), ("qu", "kw"), ("x", "ks"), ("th", "t"), ("wh", "w"), ("sch", "sh"), ("z", "s"),
    ("ie", "y"), ("ey", "y"), ("ee", "ea"), ("ou", "ow"), ("ai", "ay"), ("v", "f"), ("d", "t"), ("b", "p"), ("g", "j"),
    ("m", "n"), ("er", "a"), ("ll", "l"), ("ss", "s"), ("tt", "t"), ("nn", "n"),
)  # fmt: skip


def mishear(question, language="en", seed=0):
    """The question as a bad ear hands it on. Numbers are left as they are: who mishears those has asked something else."""
    digest = hashlib.blake2b(f"{seed}\n{language}\n{question}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    chance = random.Random(int.from_bytes(digest, "big"))
    words = [_mistake(word, question, chance) for word in _pieces(question)]
    if chance.random() < TOGETHER:
        words = _run_together(words, chance)
    if chance.random() < APART:
        words = _tear(words, chance)
    if chance.random() < HESITANT:
        words = _hesitate(words, language, chance)
    heard = "".join(words)
    if chance.random() < UNPUNCTUATED:
        heard = PUNCTUATION.sub(" ", heard).lower()
    return " ".join(heard.split()) or question


def _pieces(question):
    """The question cut behind each space; runs without spaces in pieces of PIECE letters."""
    pieces = []
    for word in re.findall(r"\S+\s*", unicodedata.normalize("NFC", question)):
        step = PIECE if UNSPACED.search(word) else len(word)
        pieces += [word[place : place + step] for place in range(0, len(word), step)]
    return pieces


def _mistake(word, question, chance):
    """One edit in a word over three letters, by WRONG."""
    letters = [place for place, letter in enumerate(word) if letter.isalpha() or unicodedata.category(letter)[0] == "M"]
    if len(letters) < 4 - bool(UNSPACED.search(word)) or any(letter.isdigit() for letter in word):
        return word
    if chance.random() >= WRONG:
        return word
    alike = _like_sounding(word, chance) if chance.random() < LIKE_SOUNDING else None
    return alike or _edit(word, chance.choice(letters), question, chance)


def _like_sounding(word, chance):
    """The word spelt as it sounds, or None where no spelling offers itself."""
    pairs = [(one, other) for pair in ALIKE for one, other in (pair, pair[::-1]) if one in word.lower()[1:]]
    if not pairs:
        return None
    one, other = chance.choice(pairs)
    place = word.lower().index(one, 1)
    return word[:place] + other + word[place + len(one) :]


def _edit(word, place, question, chance):
    letter = chance.choice(_letters_like(word[place], question))
    kind = chance.choice(("substitute", "drop", "insert", "swap"))
    if kind == "swap" and place + 1 < len(word) and word[place + 1].isalpha():
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + ("" if kind == "drop" else letter) + word[place + (kind != "insert") :]


def _letters_like(letter, question):
    """Letters of the same script: the alphabet in Latin, elsewhere what the question itself is written with."""
    script = unicodedata.name(letter, "").split(" ")[0]
    if script == "LATIN":
        return LATIN
    return [other for other in question if other.isalpha() and unicodedata.name(other, "").startswith(script)] or [
        letter
    ]


def _run_together(words, chance):
    places = [place for place, word in enumerate(words[:-1]) if word[-1:].isspace()]
    if not places:
        return words
    place = chance.choice(places)
    return words[:place] + [words[place].rstrip() + words[place + 1]] + words[place + 2 :]


def _tear(words, chance):
    places = [
        place for place, word in enumerate(words) if len(word.strip()) >= SHORTEST_TORN and word.strip().isalpha()
    ]
    if not places:
        return words
    place = chance.choice(places)
    word = words[place]
    cut = chance.randrange(2, len(word.strip()) - 1)
    return words[:place] + [word[:cut] + " " + word[cut:]] + words[place + 1 :]


def _hesitate(words, language, chance):
    """A sound of thinking at the start, or before any other word."""
    sounds = hesitation.SOUNDS.get(base(language)) or hesitation.SOUNDS["en"]
    whole = [place for place, word in enumerate(words) if unicodedata.category(word[0])[0] != "M"] or [0]
    place = 0 if chance.random() < 0.5 else chance.choice(whole)
    gap = "" if words and UNSPACED.search(words[place]) else " "
    return words[:place] + [chance.choice(sounds) + gap] + words[place:]
