"""The settings in .env, and what the programs we start are told beside them."""

import os
import secrets

from demo.steps import ROOT, Problem

FILE = ROOT / ".env"
EXAMPLE = ROOT / ".env.example"
DEFAULT_PORT = 8000
# The embedded parts keep their distance from the web server, so that one PORT moves all three.
STANDIN_DISTANCE, VALKEY_DISTANCE = 900, 379


def write(file=FILE, example=EXAMPLE):
    """Make .env from .env.example, or give an existing one the generated secrets it lacks. Returns their names.

    No other line of an existing file is touched, and a secret that stands there stays.
    """
    existing = file.is_file()
    lines = (file if existing else example).read_text().splitlines()
    missing = [name for name in _generated(example.read_text().splitlines()) if not _values(lines).get(name)]
    for name in missing:
        _fill(lines, name, secrets.token_urlsafe(50))
    if missing or not existing:
        _replace(file, "\n".join(lines) + "\n")
    return missing


def _generated(lines):
    """Names of the variables whose comment in .env.example ends in "(generated)"."""
    comment = ""
    for line in lines:
        if line.startswith("#"):
            comment = line
        elif "=" in line and comment.endswith("(generated)"):
            yield line.partition("=")[0]


def _fill(lines, name, value):
    for number, line in enumerate(lines):
        if line.partition("=")[0].strip() == name:
            lines[number] = f"{name}={value}"
            return
    lines.append(f"{name}={value}")


def _replace(file, text):
    """Readable by nobody else, and never half written."""
    draft = file.with_name(".env.new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
        output.write(text)
    os.replace(draft, file.resolve())


def _values(lines):
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.removeprefix("export ").strip(): value.strip().strip("'\"") for name, _, value in pairs}


def read(file=FILE):
    """The settings as Django will see them: .env, and over it what this process was started with."""
    lines = file.read_text().splitlines() if file.is_file() else []
    return {**_values(lines), **os.environ}


def read_port():
    """The web server's port: PORT, or 8000. Raises Problem when it cannot be one."""
    given = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not given.isdecimal() or not 1024 <= int(given) <= 65535 - STANDIN_DISTANCE:
        raise Problem(f"PORT={given} cannot be used: give a number from 1024 to {65535 - STANDIN_DISTANCE}.")
    return int(given)


def embedded(settings, port):
    """The parts that run here because .env names no others: part → its port."""
    ports = {"the web server": port}
    if not settings.get("REDIS_URL"):
        ports["Valkey"] = port + VALKEY_DISTANCE
    if not settings.get("ELEVENLABS_URL") and not settings.get("ELEVENLABS_API_KEY"):
        ports["the stand-in"] = port + STANDIN_DISTANCE
    return ports


def addresses(settings, ports):
    """What the started programs have to know of each other; .env stays as it is."""
    told = {}
    if settings.get("PUBLIC_URL", "").rstrip("/") in ("", f"http://127.0.0.1:{DEFAULT_PORT}"):
        told["PUBLIC_URL"] = f"http://127.0.0.1:{ports['the web server']}"
    if "Valkey" in ports:
        told["REDIS_URL"] = f"redis://127.0.0.1:{ports['Valkey']}/0"
    if "the stand-in" in ports:
        told["ELEVENLABS_URL"] = f"http://127.0.0.1:{ports['the stand-in']}"
    return told


def exports(told, port):
    """What a shell has to be told before commands of ours reach this site. Empty on the usual port: settings know that."""
    return "" if port == DEFAULT_PORT else " ".join(["export", *(f"{name}={value}" for name, value in told.items())])


def data_folder(settings):
    """Where the site keeps what it makes: DATA_DIR, counted from the project's folder."""
    return ROOT / (settings.get("DATA_DIR") or "var")


def sqlite_file(settings):
    """The embedded database's file, or None when .env names another database."""
    return None if settings.get("DATABASE_URL") else data_folder(settings) / "db.sqlite3"
