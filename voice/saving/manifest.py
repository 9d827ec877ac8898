"""What a backup says of itself, whose it is, and whether it is still what it says."""

import hashlib
import hmac
import json
import re
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath

from django.conf import settings
from django.utils.crypto import salted_hmac

from voice.saving import bars
from voice.saving.refusals import NotRestored

FILE = "manifest.json"
FORMAT = 2  # the first was not signed
FILES = "files/"
DATABASES = {"postgresql": "database.dump", "sqlite": "database.sqlite3"}
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
    signature: str = ""  # of all the rest, by that SECRET_KEY: see sign()
    format: int = FORMAT
    note: str = (
        "Not in here: .env, which is kept apart, and sessions. In here, as in the database: what was said, hashes of passwords, "
        "secrets of second factors. Keep it as you keep the database; see docs/OPERATIONS.md."
    )


def mark_key(made_at):
    """A mark of our SECRET_KEY, another one in each backup."""
    return salted_hmac(f"voice.saving {made_at}", "", algorithm="sha256").hexdigest()


def sign(told):
    """What only our SECRET_KEY makes of a manifest as a dict, in hex. Sums tell damage; this tells who made it."""
    words = json.dumps({name: told[name] for name in told if name != "signature"}, sort_keys=True)
    return salted_hmac("voice.saving.manifest", words, algorithm="sha256").hexdigest()


def is_ours(manifest):
    """Whether it was made under our SECRET_KEY and is word for word what it was then."""
    return hmac.compare_digest(str(manifest.signature).encode(), sign(asdict(manifest)).encode())


def write(folder, manifest):
    told = asdict(manifest)
    told["signature"] = sign(told)
    (folder / FILE).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


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
    """Every part against its place and its sum. Raises NotRestored and names what is broken."""
    if strange := [one.path for one in (manifest.database, *manifest.files) if _is_strange(folder, one, manifest)]:
        raise NotRestored(
            f"{strange[0]} is no part that a backup has, or a link leads from it to somewhere else: this one was changed after "
            "it was made. Take another backup. Nothing was changed."
        )
    parts = [manifest.database, *(one for one in manifest.files if one.sha256)]
    with bars.weigh(sum(one.bytes for one in parts), "checking") as bar:
        broken = [one.path for one in parts if not one.sha256 or digest(folder / one.path, bar.update) != one.sha256]
    if broken:
        more = f" and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
        raise NotRestored(
            f"This backup is damaged: {', '.join(broken[:SHOWN])}{more} is not what it was when it was made. "
            "Take another backup, or copy this one again from where it came from. Nothing was changed."
        )


def _is_strange(folder, part, manifest):
    """Whether a part is neither the database nor a file below files/, or a link or a step upwards leads out of there."""
    path = PurePosixPath(part.path)
    if part is manifest.database:
        known = part.path == DATABASES.get(manifest.store)
    else:
        known = part.path.startswith(FILES) and part.path == str(path) and ".." not in path.parts
    return not known or (folder / path).resolve() != folder.resolve() / path


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
