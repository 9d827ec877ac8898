"""What is wrong with a translation, in sentences for whoever writes it."""

import re
from collections import Counter

from voice.words import catalogue

# {name}, {count:,} and {}; %(name)s, %(most)g, %s and the doubled %%. Any other per cent sign is one.
PLACE = re.compile(r"\{[\w.!:,]*\}|%\(\w+\)[a-z]|%[sd](?!\w)|%%")


def complaints(language, messages):
    """One sentence for each message without a good translation, and for each translation of nothing."""
    entries = {catalogue.key(entry): entry for entry in catalogue.read(language)}
    for name, message in sorted(messages.items()):
        if fault := _fault(message, entries.get(name)):
            yield f"{fault}: {message.text!r} ({', '.join(message.places)})"
    for name, entry in entries.items():
        if name not in messages or entry.obsolete:
            yield f"said nowhere any more: {entry.msgid!r}"


def _fault(message, entry):
    if entry is None:
        return "not in the file"
    said = list(entry.msgstr_plural.values()) if message.plural else [entry.msgstr]
    if not all(said) or (message.plural and len(said) < 2):
        return "not translated"
    if entry.fuzzy:
        return "only guessed"
    return next((fault for text in said if (fault := _difference(message, text))), None)


def _difference(message, said):
    """What the translation does not keep of its sentence: places to fill in, the blanks and breaks at its edges."""
    wanted = [places(text) for text in (message.text, message.plural) if text]
    if places(said) not in wanted:
        return "other places to fill in"
    return "other blanks at an edge" if _edges(message.text) != _edges(said) else None


def places(text):
    """What is filled into a sentence, and how often."""
    return Counter(PLACE.findall(text))


def _edges(text):
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
