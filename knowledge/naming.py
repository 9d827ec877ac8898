"""What a document is called: by staff, by its file, by itself. Pure."""

from pathlib import PurePath
from urllib.parse import unquote

from knowledge.speech import remove_hidden


def clean_name(name):
    """A file name as it may be shown and compared: the last part, nothing hidden, at most 255 characters."""
    name = remove_hidden(str(name or "")).replace("\\", "/").replace("\n", " ").rsplit("/", 1)[-1].strip(". ")
    path = PurePath(name or "file.txt")
    suffix = path.suffix[:20]
    return f"{path.stem[: 255 - len(suffix)]}{suffix}"


def clean_title(title):
    """A title as given, in one line; empty when there is none."""
    return " ".join(remove_hidden(title).split())[:200]


def title_of_address(url):
    """A title made of a web address: "https://example.org/fees/" is "example.org/fees"."""
    return clean_title(unquote(url.partition("://")[2])).rstrip("/")


def title_of(name):
    """A title made of a file's name: "opening_hours-2026.txt" is "Opening hours 2026"."""
    words = PurePath(name).stem.replace("_", " ").replace("-", " ").split()
    return " ".join(words)[:1].upper() + " ".join(words)[1:]
