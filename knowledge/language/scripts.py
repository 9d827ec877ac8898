"""Writing systems: which letters belong together, and which texts have no spaces between their words."""

import unicodedata

# Ranges of scripts that are written without spaces between words (Unicode 15, Blocks.txt).
HAN_AND_KANA = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f"
)
HANGUL = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"
THAI_AND_KIN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"

# Python's \w leaves out combining marks, and a Devanagari or Thai word falls apart at each of its vowels.
MARKS = "".join(
    chr(point)
    for first, last in ((0x300, 0x1DFF), (0x20D0, 0x20FF), (0x2CEF, 0x2DFF), (0x302A, 0x309A), (0xA66F, 0xABFF))
    for point in range(first, last + 1)
    if unicodedata.category(chr(point))[0] == "M"
)

# Languages of personas written in Latin letters, where an English embedding model still sees names and loan words.
_LATIN = "cs da de en es fi fr hr hu id it ms nl no pl pt ro sk sv tr vi"
LATIN = frozenset(_LATIN.split())


def base(language):
    """``pt-br`` → ``pt``."""
    return language.split("-")[0].lower()
