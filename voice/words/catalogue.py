"""The translations: read, kept in order, compiled."""

import logging
import os
import re
import tempfile
from pathlib import Path

import polib

logger = logging.getLogger(__name__)
SOURCE = Path(__file__).resolve().parents[2] / "locale"
# A sentence's first line, and where its translation begins.
BEGINNING = re.compile(r"^(?=(?:msgctxt .*\n)?msgid )", re.MULTILINE)
ENDING = re.compile(r"^(?=msgstr \"|msgid_plural )", re.MULTILINE)
UNWRAPPED = -1  # each sentence in one line, so that git keeps lines of two branches apart by whole sentences


def languages():
    """The languages that have a file, by code."""
    return sorted(folder.name for folder in SOURCE.iterdir() if folder.is_dir())


def path(language, folder=None, ending="po"):
    return Path(folder or SOURCE) / language / "LC_MESSAGES" / f"django.{ending}"


def read(language):
    """The sentences of a language, as polib has them."""
    return polib.pofile(_mended(path(language).read_text()), wrapwidth=UNWRAPPED)


def _mended(text):
    """Two branches that both add a sentence without a translation leave their empty lines once, so that a msgid may stand
    there without a msgstr, or with two. The first goes, and comes back from the code; of two the first counts."""
    head, *entries = BEGINNING.split(text)
    whole = [entry for entry in entries if ENDING.search(entry)]
    return head + "".join("".join(ENDING.split(entry)[:2]) for entry in whole)


def key(entry):
    """What a sentence is found by: its context, if it has one, and its English."""
    return entry.msgctxt or "", entry.msgid


def merge(language, messages):
    """Put the file in order: exactly these messages, sorted, each once, with the translations it has. Returns how many
    came and how many went."""
    old, new = read(language), polib.POFile(wrapwidth=UNWRAPPED)
    new.header, new.metadata = old.header, old.metadata
    known = {key(entry): entry for entry in sorted(old, key=_is_translated) if not entry.obsolete}
    for name, message in sorted(messages.items()):
        new.append(_entry(message, known.get(name)))
    new.save(str(path(language)))
    return len(messages.keys() - known.keys()), len(known.keys() - messages.keys())


def _is_translated(entry):
    return bool(entry.msgstr or any(entry.msgstr_plural.values())) and not entry.fuzzy


def _entry(message, known):
    entry = polib.POEntry(msgid=message.text, msgctxt=message.context or None)
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = (known and known.msgstr_plural) or {0: "", 1: ""}
    else:
        entry.msgstr = known.msgstr if known else ""
    return entry


def compile(folder):
    """Make what Django reads, in ``folder``, where it is missing or of another moment than its source. Several processes
    may do so at once. Without the right to write there the site speaks English, and the log says why."""
    for language in languages():
        source, target = path(language), path(language, folder, "mo")
        moment = source.stat().st_mtime_ns
        if target.is_file() and target.stat().st_mtime_ns == moment:
            continue
        try:
            _write(read(language), target, moment)
        except OSError as fault:
            logger.warning("The translation %s could not be compiled: %s", language, fault)


def _write(sentences, target, moment):
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".django-")
    os.close(handle)
    sentences.save_as_mofile(name)
    os.chmod(name, 0o644)
    os.utime(name, ns=(moment, moment))
    os.replace(name, target)
