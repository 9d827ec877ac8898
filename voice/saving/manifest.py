"""What a backup says of itself, and whether it is still what it says."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field

from django.conf import settings
from django.utils.crypto import salted_hmac

from voice.saving import bars
from voice.saving.refusals import NotRestored

FILE = "manifest.json"
FORMAT = 1
NAME = re.compile(r"advisor-\d{4}-\d\d-\d\dT\d{6}Z")
PIECE = 2**20
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the backup, or one that was left in the storage (then without a sum)."""

    path: str  # inside the backup; of a document the name that the storage has for it, after "files/"
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    made_at: str  # ISO 8601, UTC
    store: str  # postgresql or sqlite
    versions: dict
    migrations: list
    rows: dict  # table → how many
    database: Part
    files: list  # of Part
    missing: list  # names that rows had and the storage had not, when it was made
    key: str  # tells whether a SECRET_KEY is the one from then, and nothing else about it
    format: int = FORMAT
    note: str = field(default="Secrets are not in here: .env is kept apart, see docs/OPERATIONS.md.")


def mark_key(made_at):
    """A mark of our SECRET_KEY, another one in each backup."""
    return salted_hmac(f"voice.saving {made_at}", "", algorithm="sha256").hexdigest()


def write(folder, manifest):
    (folder / FILE).write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read(folder):
    """A backup's Manifest. Raises NotRestored when this is none, or one of a newer format."""
    if not (folder / FILE).is_file():
        raise NotRestored(_no_backup(folder))
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if told["format"] > FORMAT:
            raise NotRestored(
                f"{folder} was made by a newer Clone Advisor (format {told['format']}, this one reads up to {FORMAT}). "
                "Update the code first, then restore."
            )
        told |= {"database": Part(**told["database"]), "files": [Part(**one) for one in told["files"]]}
        return Manifest(**told)
    except (ValueError, KeyError, TypeError) as fault:
        raise NotRestored(f"{folder / FILE} cannot be read ({fault}): it is damaged. Take another backup.") from fault


def _no_backup(folder):
    within = sorted((one.parent.name for one in folder.glob(f"*/{FILE}")), reverse=True)
    if within:
        return f"{folder} holds backups; name one of them. The newest: {folder / within[0]}"
    return f"{folder} is no backup: {FILE} is missing in it. Name a folder that `manage.py backup` made."


def check(folder, manifest):
    """Every part against its sum. Raises NotRestored and names what is broken."""
    parts = [one for one in (manifest.database, *manifest.files) if one.sha256]
    with bars.weigh(sum(one.bytes for one in parts), "checking") as bar:
        broken = [one.path for one in parts if digest(folder / one.path, bar.update) != one.sha256]
    if broken:
        more = f" and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
        raise NotRestored(
            f"This backup is damaged: {', '.join(broken[:SHOWN])}{more} is not what it was when it was made. "
            "Take another backup, or copy this one again from where it came from. Nothing was changed."
        )


def digest(path, advance=lambda count: None):
    """A file's SHA-256; '' of one that is not there."""
    found = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while piece := file.read(PIECE):
                found.update(piece)
                advance(len(piece))
    except OSError:
        return ""
    return found.hexdigest()


def fits_key(manifest):
    """Whether our SECRET_KEY is the one that the backup was made under."""
    return bool(settings.SECRET_KEY) and manifest.key == mark_key(manifest.made_at)
