"""What a document is called: by staff, by its file, by itself. Pure."""

from pathlib import PurePath

from knowledge.speech import remove_hidden


def clean_name(name):
    """A file name as it may be shown and compared: the last part, nothing hidden, at most 255 characters."""
    name = remove_hidden(str(name or "")).replace("\\", "/").replace("\n", " ").rsplit("/", 1)[-1].strip(". ")
    path = PurePath(name or "file.txt")
    suffix = path.suffix[:20]
    return f"{path.stem[: 255 - len(suffix)]}{suffix}"


def choose_title(title, name):
    """The title as given, else made of the file's name."""
    given = " ".join(remove_hidden(title).split())
    return (given or title_of(name))[:200]


def title_of(name):
    """A title made of a file's name: "opening_hours-2026.txt" is "Opening hours 2026"."""
    words = PurePath(name).stem.replace("_", " ").replace("-", " ").split()
    return " ".join(words)[:1].upper() + " ".join(words)[1:]
