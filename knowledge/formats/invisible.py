"""Characters that carry a message and show nothing: tags, zero-width codes, reversed text. Pure."""

import re

# Tag characters repeat ASCII invisibly; after a black flag they are honest: the flags of Scotland and Wales.
FLAG_OF_A_REGION = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
TAGS = re.compile("[\U000e0020-\U000e007e]{3,}")
ZERO_WIDTH = re.compile("[\u200b-\u200d\u2060-\u2064\ufeff\u180e]{8,}")
REVERSED = re.compile("\u202e([^\u202c\n]{3,})")
ANY = re.compile("[\U000e0020-\U000e007e]{3}|[\u200b-\u200d\u2060-\u2064\ufeff\u180e]{8}|\u202e")


def find_invisible(text):
    """[(how it is hidden, what it says), …] of messages in characters that show nothing, or something else. A soft
    hyphen or a zero-width space now and then is honest typesetting and is not named."""
    if text.isascii() or not ANY.search(text):
        return []
    text = FLAG_OF_A_REGION.sub("", text)
    tags = ["".join(chr(ord(letter) - 0xE0000) for letter in run) for run in TAGS.findall(text)]
    found = [("written in invisible tag characters", " ".join(tags))] if tags else []
    codes = ZERO_WIDTH.findall(text)
    if codes:
        said = f"{sum(map(len, codes))} characters without width in a row"
        found.append(("written in characters without width", said))
    return found + [("shown in reverse by a control character", run) for run in REVERSED.findall(text)]
