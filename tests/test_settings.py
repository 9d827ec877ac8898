""".env.example and config/settings.py say the same, and an empty secret is a closed door."""

import ast
import os
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

EXAMPLE = (ROOT / ".env.example").read_text().splitlines()


def read_variables():
    """The names settings.py asks the environment for, in its order."""
    tree = ast.parse((ROOT / "config" / "settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    asked = [
        call
        for call in calls
        if ast.unparse(call.func) in ("env.str", "env.bool", "env.int", "env.list", "env.float", "env")
    ]
    asked.sort(key=lambda call: (call.lineno, call.col_offset))
    return list(dict.fromkeys(call.args[0].value for call in asked))


def offered_variables():
    """The names in .env.example, in its order."""
    return [line.partition("=")[0] for line in EXAMPLE if re.match(r"[A-Z][A-Z0-9_]*=", line)]


def test_every_setting_stands_in_the_example_in_the_same_order():
    assert offered_variables() == read_variables()


def test_every_setting_of_the_example_is_explained():
    explained, unexplained = False, []
    for line in EXAMPLE:
        if line.startswith("# ---") or not line:
            explained = False
        elif line.startswith("#"):
            explained = True
        elif not explained:  # a comment may explain several settings in a row
            unexplained.append(line)
    assert unexplained == []


def test_the_example_carries_no_secret():
    secret = re.compile(r"(SECRET|TOKEN|KEY|PASSWORD)\w*=(.*)")
    assert [line for line in EXAMPLE if (found := secret.match(line)) and found.group(2)] == []


def check(**settings):
    """What `manage.py check` says under these settings, in a process of its own."""
    environment = {**os.environ, "TEST_DATABASE": "", **settings}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_settings_in_order_are_let_pass():
    code, said = check()
    assert code == 0, said


@pytest.mark.parametrize("name", ["SECRET_KEY", "SERVICE_TOKENS"])
def test_an_empty_secret_is_named_at_start(name):
    _, said = check(**{name: ""})
    assert name in said
