"""What is wrong with a command that a page shows, in sentences that say what to do about it."""

import re
import subprocess
from functools import lru_cache
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

from tests.conftest import ROOT
from tests.pages import elsewhere, ours
from tests.pages.asking import helped, names, options

HOMES = ("/srv/advisor/", "./")  # where an installation stands, as config/deploy/systemd has it
MADE = ("var", ".venv", "node_modules", ".env", "static/vendor", "certificates")  # there once something ran
BUILTINS = {"export", "cd", "echo", "printf", "test", "[", "exit", "set", "umask", "source", ".", "read", "trap", "wait",
            "true", "false", "unset", "sleep", ":", "exec", "command", "return", "local"}  # fmt: skip
# Stand on every machine (the suite brings PostgreSQL's) and do nothing but tell when they are given --help.
HELPFUL = {
    "awk", "cat", "celery", "chmod", "chown", "cp", "cut", "date", "df", "diff", "du", "find", "granian", "grep", "gzip",
    "gunzip", "head", "id", "install", "ln", "ls", "mkdir", "mv", "pip", "psql", "pg_dump", "pg_restore", "pg_isready",
    "createdb", "createuser", "dropdb", "rm", "rmdir", "ruff", "sed", "sha256sum", "sort", "stat", "tail", "tar", "tee",
    "touch", "uniq", "wc", "zcat",
}  # fmt: skip
IN_FRONT = {
    "nice": {"-n"},
    "env": {"-u"},
    "nohup": set(),
    "sudo": {"-u", "-g"},
    "xargs": {"-n", "-I", "-P"},
    "exec": set(),
}


def complaints(command, named=frozenset()):
    """Of one shell.Command. ``named`` are the variables that its page makes."""
    yield from names(command.assigns, named if command.words else named | set(command.assigns))
    if command.words:
        yield from of_words(command.words, named)
    if any(word.endswith(".env") for word in [*command.writes, *command.words]):
        yield from names(re.findall(r"^([A-Za-z_]\w*)=", command.given, re.MULTILINE))


def of_words(words, named=frozenset()):
    """Of a command's words, whatever stands in front of it."""
    words = [short(word) for word in words]
    program = words[0].removeprefix(".venv/bin/")
    for word in words[1:]:
        yield from file(word)
    if program in IN_FRONT and len(words) > 1:
        inside, _ = elsewhere.skip_options(words[1:], IN_FRONT[program])
        while inside and re.match(r"[A-Z_]+=", inside[0]):
            yield from names([inside.pop(0).partition("=")[0]], named)
        yield from of_words(inside, named) if inside else ()
    elif program == "docker":
        wrong, inside = elsewhere.docker(words)
        yield from wrong
        yield from of_words(inside, named) if inside else ()
    elif program in ("sh", "bash") and "-c" in words:
        yield from script(words[words.index("-c") + 1])
    elif "$" in program:
        yield f"`{program}`: write the program's name, so that it can be looked at"
    else:
        yield from PROGRAMS.get(program, other)([program, *words[1:]])


def script(text):
    done = subprocess.run(["bash", "-n", "-c", text], capture_output=True, text=True)
    yield from done.stderr.splitlines()


def short(word):
    """A file of the installation as a file of the repository."""
    for home in HOMES:
        word = word.removeprefix(home)
    return word


@lru_cache
def tops():
    """What stands at the top of the repository and is no word that one might say."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {line.partition("/")[0] for line in listed.splitlines()}


def file(word):
    """A word that names a file of the repository names one that is there."""
    path, _, test = word.rpartition("=")[2].removeprefix("@").partition("::")
    top, slash, _ = path.partition("/")
    if top not in tops() or not (slash or "." in top) or path.startswith(MADE) or re.search(r"[$\s{]|[A-Z]{4,}$", path):
        return
    found = list(ROOT.glob(path.rstrip("/") or "."))
    if not found:
        yield f"there is no {path} in the repository"
    elif test and not re.search(
        rf"^\s*(def|class) {re.escape(test.partition('[')[0])}\b", found[0].read_text(), re.MULTILINE
    ):
        yield f"{path} has no {test}"


def curl(words):
    yield from helped(words, ["--help", "all"])
    for word in words[1:]:
        if re.match(r"https?://|\$(SITE|PUBLIC_URL)\b", word):
            address = urlsplit(re.sub(r"^\$\w+", "http://localhost", word))
            ours = address.hostname in ("localhost", "127.0.0.1", "your.address", "advisor.example")
            if ours and address.port in (None, 8000):
                try:
                    resolve(address.path or "/")
                except Resolver404:
                    yield f"the site has no address {address.path}"
            elif not ours:
                yield f"{word} is another site's: a page asks only its own, at localhost or your.address"


def export(words):
    """A name that the page makes, or a setting: it is given, so it is of use, or it is seen where it is used."""
    yield from (
        f"`export {word}`: name and value, NAME=value" for word in words[1:] if not re.match(r"[A-Z_]+(=|$)", word)
    )


def git(words):
    done = subprocess.run(["git", words[1], "-h"], capture_output=True, text=True, cwd=ROOT)
    if "is not a git command" in done.stderr:
        yield f"there is no `git {words[1]}`"
        return
    yield from options(f"git {words[1]}", words[2:], done.stdout + done.stderr)


def other(words):
    """A builtin of the shell, what elsewhere.py knows, or a program that can be asked for its help."""
    if words[0] in BUILTINS:
        return
    if words[0] in elsewhere.OPTIONS:
        yield from elsewhere.table(words)
    elif words[0] in HELPFUL:
        yield from helped(words)
    else:
        yield (
            f"`{words[0]}` is not known; add it to HELPFUL in tests/pages/checking.py when every machine of ours has it and it "
            "does nothing but tell when it is given --help, else to OPTIONS in tests/pages/elsewhere.py"
        )


PROGRAMS = {
    "python": ours.python, "python3": ours.python, "make": ours.make, "curl": curl, "npm": ours.npm, "export": export, "git": git,
    "systemctl": elsewhere.systemctl, "journalctl": elsewhere.journalctl, "apt": elsewhere.apt, "apt-get": elsewhere.apt,
    "pytest": ours.module,
}  # fmt: skip
