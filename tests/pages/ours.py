"""Commands of our own: Python and its modules, manage.py, make, npm's scripts."""

import contextlib
import importlib.util
import io
import json
import re
import sys

from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandError

from tests.conftest import ROOT
from tests.pages import elsewhere
from tests.pages.asking import asked, helped, names, options

MAKEFILE = (ROOT / "Makefile").read_text()
PYTEST = {"-q", "-x", "-k", "-m", "-n", "-s", "-v", "--durations", "--no-skips", "--on-database", "--lf"}


def python(words):
    rest, _ = (
        elsewhere.skip_options(words[1:], set()) if words[1:2] != ["-m"] and words[1:2] != ["-c"] else (words[1:], [])
    )
    if rest[:1] == ["manage.py"]:
        yield from manage(rest[1:])
    elif rest[:1] == ["-m"]:
        yield from module(rest[1:])
    elif rest[:1] == ["-c"]:
        try:
            compile(rest[1], "page", "exec")
        except SyntaxError as fault:
            yield f"this Python cannot be read: {fault}"
    elif rest and not rest[0].endswith(".py") and rest != ["-"]:
        yield f"`python {rest[0]}` is not known"


def manage(words):
    """By the command's own parser, without running it."""
    if not words or words[0] not in get_commands():
        yield f"there is no `manage.py {' '.join(words[:1])}`"
        return
    found = get_commands()[words[0]]
    command = found if isinstance(found, BaseCommand) else load_command_class(found, words[0])
    said = io.StringIO()
    parser = command.create_parser("manage.py", words[0])
    parser.called_from_command_line = False
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            parser.parse_args(["1" if word == "$()" else word for word in words[1:]])
    except CommandError as fault:
        yield f"`manage.py {words[0]}` does not take this: {fault}"
    except SystemExit as end:
        if end.code:
            yield f"`manage.py {words[0]}` does not take this: {said.getvalue()[-200:]}"


def module(words):
    name, rest = words[0], words[1:]
    given = {word.partition("=")[0] for word in rest if re.match(r"--?[a-zA-Z]", word)}
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        spec = None
    if spec is None:
        yield f"Python has no module {name}"
    elif name == "pytest":
        yield from (f"`{option}` of pytest is not known to PYTEST in ours.py" for option in sorted(given - PYTEST))
    elif name == "benchmarks":
        yield from benchmarks(rest)
    elif name == "venv":
        yield from options(name, rest, asked(sys.executable, "-m", name, "--help"))
    elif name in ("pip", "celery", "ruff"):
        yield from helped([name, *rest])
    elif (ROOT / name.partition(".")[0]).is_dir():
        source = "".join(file.read_text() for file in sources(spec))
        yield from (
            f"`python -m {name}` does not know {option}" for option in sorted(given) if f'"{option}"' not in source
        )
    else:
        yield f"`python -m {name}` is not known; add it to module() in tests/pages/ours.py"


def sources(spec):
    """The files of a module or a package of ours."""
    folder = spec.submodule_search_locations
    return (
        sorted((ROOT / spec.name.replace(".", "/")).glob("*.py"))
        if folder
        else [ROOT / f"{spec.name.replace('.', '/')}.py"]
    )


def benchmarks(words):
    known = re.findall(r'^    "(\w+)": (\w+)\.run', (ROOT / "benchmarks/__main__.py").read_text(), re.MULTILINE)
    chosen = [word for word in words if not word.startswith("-")][:1]
    yield from (
        f"there is no benchmark {name}; there are {', '.join(dict(known))}"
        for name in chosen
        if name not in dict(known)
    )
    for option in (word.partition("=")[0] for word in words if word.startswith("--")):
        if not any(f'"{option}"' in (ROOT / f"benchmarks/{name}.py").read_text() for name in chosen):
            yield f"the benchmark {' '.join(chosen)} does not know {option}"


def make(words):
    for word in words[1:]:
        name = word.partition("=")[0]
        if "=" in word:
            yield from names([name])
        elif not re.search(rf"^{re.escape(word)}:", MAKEFILE, re.MULTILINE):
            yield f"the Makefile has no target {word}"


def npm(words):
    scripts = json.loads((ROOT / "package.json").read_text())["scripts"]
    if words[1:2] == ["run"] and words[2] not in scripts:
        yield f"package.json has no script {words[2]}"
    yield from elsewhere.table([words[0], *(word for word in words[1:3] if word.startswith("-"))])
