"""`make run` before anything runs: what it refuses and with which sentence, what it leaves alone."""

import os
import shutil
import socket
import subprocess
import sys
from importlib import metadata

import pytest
from django.conf import settings
from django.db import connection
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from demo import environment, installation, processes
from tests.conftest import ROOT

EXAMPLE = (
    "# Signs. (generated)\nSECRET_KEY=\n# The door. (generated)\nSERVICE_TOKENS=\n# Empty: SQLite.\nDATABASE_URL=\n"
)


@pytest.fixture
def example(tmp_path):
    file = tmp_path / ".env.example"
    file.write_text(EXAMPLE)
    return file


@pytest.fixture
def fresh_clone(tmp_path):
    """What git would lay into an empty folder, as far as set-up reads it."""
    for folder in ("demo", "voice/standin", "knowledge", "static"):
        names = shutil.ignore_patterns("__pycache__", "vendor")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=names)
    for file in ("requirements.txt", ".env.example", "package.json", "package-lock.json", "Makefile"):
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def run(folder, code="import runpy; runpy.run_module('demo.run', run_name='__main__')", **surroundings):
    """Start the runner in a folder and wait for its end: exit code and all that it said."""
    command = [sys.executable, "-c", code]
    given = {name: value for name, value in os.environ.items() if name not in offered()} | surroundings
    done = subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def offered():
    """The settings this test run was given: a person's shell has none of them."""
    return {line.partition("=")[0] for line in (ROOT / ".env.example").read_text().splitlines()}


@pytest.mark.django_db
def test_the_suite_runs_on_the_database_that_was_asked_for():
    assert connection.vendor in settings.DATABASES["default"]["ENGINE"]


def test_a_new_settings_file_has_the_example_s_lines_and_its_own_secrets(example, tmp_path):
    made = environment.write(tmp_path / ".env", example)
    lines = (tmp_path / ".env").read_text().splitlines()
    values = dict(line.split("=") for line in lines if not line.startswith("#"))
    assert made == ["SECRET_KEY", "SERVICE_TOKENS"]
    assert [line.partition("=")[0] for line in lines] == [line.partition("=")[0] for line in EXAMPLE.splitlines()]
    assert len(values["SECRET_KEY"]) >= 50
    assert values["SECRET_KEY"] != values["SERVICE_TOKENS"]
    assert values["DATABASE_URL"] == ""


def test_the_settings_file_is_readable_by_its_owner_alone(example, tmp_path):
    environment.write(tmp_path / ".env", example)
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_secrets_are_generated_once(example, tmp_path):
    environment.write(tmp_path / ".env", example)
    first = (tmp_path / ".env").read_bytes()
    assert environment.write(tmp_path / ".env", example) == []
    assert (tmp_path / ".env").read_bytes() == first


def test_an_existing_settings_file_keeps_its_lines_and_gains_only_missing_secrets(example, tmp_path):
    mine = "# mine\nDATABASE_URL=postgres://me@db/advisor\nSECRET_KEY='my own'\n\nLOG_LEVEL=DEBUG\n"
    (tmp_path / ".env").write_text(mine)
    assert environment.write(tmp_path / ".env", example) == ["SERVICE_TOKENS"]
    assert (tmp_path / ".env").read_text().startswith(mine + "SERVICE_TOKENS=")


def test_an_address_in_the_settings_replaces_the_embedded_part():
    given = {"REDIS_URL": "redis://cache/0", "ELEVENLABS_API_KEY": "key"}
    ports = environment.embedded(given, 8000)
    assert ports == {"the web server": 8000}
    assert environment.addresses(given, ports) == {"PUBLIC_URL": "http://127.0.0.1:8000"}


def test_one_port_moves_all_three_and_each_is_told_of_the_others():
    told = environment.addresses({}, environment.embedded({}, 9000))
    assert told == {
        "PUBLIC_URL": "http://127.0.0.1:9000",
        "REDIS_URL": "redis://127.0.0.1:9379/0",
        "ELEVENLABS_URL": "http://127.0.0.1:9900",
    }


def test_commands_are_told_the_ports_when_they_are_not_the_usual_ones():
    assert environment.exports({"PUBLIC_URL": "http://127.0.0.1:8000"}, 8000) == ""
    told = {"PUBLIC_URL": "http://127.0.0.1:9000", "REDIS_URL": "redis://127.0.0.1:9379/0"}
    said = "export PUBLIC_URL=http://127.0.0.1:9000 REDIS_URL=redis://127.0.0.1:9379/0"
    assert environment.exports(told, 9000) == said


def test_a_public_address_of_one_s_own_stays():
    given = {"PUBLIC_URL": "https://advisor.example"}
    assert "PUBLIC_URL" not in environment.addresses(given, environment.embedded(given, 9000))


@pytest.mark.parametrize("distance", [0, environment.STANDIN_DISTANCE, environment.VALKEY_DISTANCE])
def test_a_taken_port_is_named_with_a_way_out(fresh_clone, distance):
    port = unused_port()
    with socket.create_server(("127.0.0.1", port + distance)):
        code, said = run(fresh_clone, PORT=str(port))
    assert code == 1
    assert f"Port {port + distance}, which " in said
    assert "make run PORT=" in said
    assert not (fresh_clone / ".venv").exists()


@pytest.mark.parametrize("port", ["abc", "80", "70000", "-1"])
def test_a_port_that_cannot_be_is_refused(fresh_clone, port):
    code, said = run(fresh_clone, PORT=port)
    assert code == 1
    assert f"PORT={port} cannot be used" in said


def test_an_old_python_is_told_which_one_is_needed(fresh_clone):
    code, said = run(
        fresh_clone,
        "import sys, runpy; sys.version_info = (3, 9, 2); runpy.run_module('demo.run', run_name='__main__')",
    )
    assert code == 1
    assert "needs Python 3.11 or newer, and this is 3.9" in said


def test_a_python_without_venv_is_told_what_to_install(fresh_clone):
    code, said = run(
        fresh_clone,
        "import sys, runpy, importlib.util as u; find = u.find_spec;"
        "u.find_spec = lambda name, *rest: None if name == 'ensurepip' else find(name, *rest);"
        "runpy.run_module('demo.run', run_name='__main__')",
        PORT=str(unused_port()),
    )
    assert code == 1
    assert "apt-get install python3-venv" in said


def test_without_a_network_there_is_one_sentence(fresh_clone):
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1"}
    cut_off = {**nowhere, "PIP_FIND_LINKS": "", "PIP_NO_CACHE_DIR": "1", "PORT": str(unused_port())}
    code, said = run(fresh_clone, **cut_off)
    assert code == 1
    assert "The network cannot be reached: connect this machine to the internet" in said
    assert not (fresh_clone / ".env").exists()


def test_two_starts_from_one_folder_are_refused(fresh_clone):
    (fresh_clone / "var").mkdir()
    code, said = run(
        fresh_clone,
        "import fcntl, runpy; lock = open('var/run.lock', 'w'); fcntl.flock(lock, fcntl.LOCK_EX);"
        "runpy.run_module('demo.run', run_name='__main__')",
        PORT=str(unused_port()),
    )
    assert code == 1
    assert "already runs from this folder" in said


def unused_port():
    """A port for the web server whose two companions are free as well."""
    while True:
        port = processes.free_port()
        if port < 60000 and all(map(processes.is_free, environment.embedded({}, port).values())):
            return port


def read_pins(*files):
    """Requirement by name, from requirements files."""
    lines = (line for file in files for line in (ROOT / file).read_text().splitlines())
    pinned = (Requirement(line) for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(requirement.name): requirement for requirement in pinned}


def follow(requirements):
    """Names of all packages that these bring with them on this machine."""
    seen, waiting = set(), list(requirements)
    while waiting:
        requirement = waiting.pop()
        if (name := canonicalize_name(requirement.name)) in seen:
            continue
        seen.add(name)
        brought = map(Requirement, metadata.requires(name) or [])
        extras = [{"extra": extra} for extra in requirement.extras] or [{"extra": ""}]
        waiting += [one for one in brought if not one.marker or any(map(one.marker.evaluate, extras))]
    return seen


def test_every_package_that_is_installed_has_its_version_pinned():
    direct = read_pins(*installation.REQUIREMENTS, *installation.TEST_REQUIREMENTS)
    pinned = {**direct, **read_pins(installation.CONSTRAINTS)}
    assert follow(direct.values()) - set(pinned) == set()
    assert [str(pin) for pin in pinned.values() if str(pin.specifier)[:2] != "=="] == []
