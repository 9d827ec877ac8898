"""How words sound, roughly: the same key for spellings that a listener cannot tell apart. Pure.

For Latin script, and for no language in particular: what English, German, Spanish and French write in several ways is one
letter, double letters are one, and of the vowels only a first one counts ("Kathryn", "Catherine" → "ktrn"). Written for
this project, after the idea of Soundex (Russell, 1918) and Metaphone (Philips, 1990).
"""

import re

_LETTERS = (
    (r"sch|sh|ch(?=[eiy])", "s"), (r"ph", "f"), (r"^(?:kn|gn|pn)", "n"), (r"^wr", "r"), (r"ght", "t"), (r"th", "t"),
    (r"ck|ch|qu|q|c(?=[^eiy]|$)", "k"), (r"x", "ks"), (r"[cz]", "s"), (r"g(?=[eiy])|dg", "j"), (r"[vw]", "f"), (r"d", "t"),
    (r"b", "p"), (r"g", "k"), (r"m", "n"), (r"(?<=.)[aeiouyhj]", ""), (r"^[aeiouyhj]", "a"), (r"(.)\1+", r"\1"),
)  # fmt: skip
RULES = tuple((re.compile(pattern), letter) for pattern, letter in _LETTERS)
LATIN_WORD = re.compile("[a-z]+")


def key(word):
    """The key of a folded word; "" for one that is not written in plain Latin letters."""
    if not LATIN_WORD.fullmatch(word):
        return ""
    for pattern, letter in RULES:
        word = pattern.sub(letter, word)
    return word
