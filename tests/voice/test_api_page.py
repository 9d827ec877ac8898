"""docs/API.md: every command is run against the running site, what comes back has the shape that stands below it, and the
codes of its tables are the schema's."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.db import connection

from knowledge import ingestion
from tests.conftest import ROOT, SERVICE_TOKEN
from voice import agents, urls
from voice.contract import routes

PAGE = (ROOT / "docs" / "API.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
METRICS_TOKEN = "metrics-token-of-the-tests"
BETWEEN = "--- next block ---"


@pytest.fixture
def folder(tmp_path, live_server, standin, make_persona, settings):
    """A folder like the one `make run` runs in, beside a live site with the persona of the examples in step."""
    settings.ELEVENLABS_WEBHOOK_SECRETS, settings.METRICS_TOKEN = ["try-me"], METRICS_TOKEN
    persona = make_persona("Maren", slug="harbour-guide")
    page = (ROOT / "demo/documents/harbour-guide/bridge-and-lock.html").read_text()
    ingestion.ingest(ingestion.receive(persona, "Bridge and lock", text=re.sub("<[^>]+>", " ", page)))
    agents.sync(agents.note(persona))
    (tmp_path / ".env").write_text(f"SERVICE_TOKENS={SERVICE_TOKEN},another\nMETRICS_TOKEN={METRICS_TOKEN}\n")
    for name in (".venv", "manage.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def surroundings():
    """The environment of somebody at the keyboard, whose commands speak to the tests' own database."""
    made = str(connection.settings_dict["NAME"])
    url = (
        os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{made}"
        if connection.vendor == "postgresql"
        else f"sqlite:///{made}"
    )
    return {**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "ERROR"}


def run(command, folder):
    done = subprocess.run(command, cwd=folder, env=surroundings(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shape(value):
    """What of an answer the page promises: its keys and the kinds of its values."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value[:1]]
    return type(value).__name__


@pytest.mark.django_db(transaction=True)
def test_every_command_of_the_page_runs_and_answers_as_it_says(folder, live_server):
    """One after the other in one shell, as somebody would who reads it."""
    commands = [text for language, text in BLOCKS if language == "sh"]
    script = f"\necho '{BETWEEN}'\n".join(commands).replace("http://localhost:8000", live_server.url)
    answers = run(["bash", "-euo", "pipefail", "-c", script], folder).split(BETWEEN)
    coming, said = iter(answers), ""
    for language, text in BLOCKS:
        if language == "sh":
            said = next(coming)
        if language == "json":
            assert shape(json.loads(said)) == shape(json.loads(text)), said
            if "error" in json.loads(text) and json.loads(text)["error"]:
                assert json.loads(said) == json.loads(text)
    of_commands = dict(zip(commands, answers, strict=True))
    (ready,) = (json.loads(answer) for command, answer in of_commands.items() if "$SITE/readyz" in command)
    assert ready["ready"] is True
    (figures,) = (int(answer) for command, answer in of_commands.items() if "$SITE/metrics" in command)
    assert figures > 5
    kept = {name: json.loads((folder / f"{name}.json").read_text()) for name in ("openapi", "turns", "heard", "place")}
    assert kept["openapi"]["info"]["title"] == "Clone Advisor"
    assert [turn["speaker"] for turn in kept["turns"]["turns"]] == ["visitor", "persona"]
    assert [turn["text"] for turn in kept["heard"]["turns"]] == ["Good morning."]
    assert set(kept["place"]) == {"place", "turn", "ticket", "minutes", "again"}


@pytest.mark.django_db(transaction=True)
def test_the_signature_in_python_is_taken(folder, live_server):
    (program,) = (text for language, text in BLOCKS if language == "python")
    os.environ["SITE"] = live_server.url
    try:
        assert json.loads(run([sys.executable, "-c", program], folder)) == {"received": True}
    finally:
        del os.environ["SITE"]


@pytest.mark.parametrize("heading", ["A question in mid-conversation", "A phone rings", "A call is reported"])
def test_the_tables_have_the_codes_of_the_schema(heading):
    text = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| ([\d, ]+) \| (.*?) \|", text, re.MULTILINE)
    told = {code for statuses, codes in rows for code in re.findall(r"`(\w+)`", codes)}
    address = re.search(r"\$SITE(/elevenlabs/\S+)", text)[1]
    door = routes.schema()["paths"][address]["post"]["responses"]
    statuses = {status for many, _ in rows for status in re.findall(r"\d+", many)}
    assert statuses == set(door) - {"200", "405"} - ({"403"} if heading == "A call is reported" else set())
    codes = {code for status in door.values() for code in re.findall(r"`(\w+)`", status["description"])}
    shared = {"bad_request", "not_authenticated", "authentication_failed", "too_large", "too_many_calls"}
    assert told - codes == set()
    assert codes - told - {"error", "code", "method_not_allowed"} <= (shared if "as above" in text else set())


def doors_of_the_page():
    """`METHOD /address` of every row of the page's tables of doors."""
    cells = [line.split(" | ")[0] for line in PAGE.splitlines() if line.startswith("| `")]
    found = re.findall(r"`(GET|POST) ([^`…]+)`", " ".join(cells))
    return {f"{method} {address if address.startswith('/') else f'/chat/SLUG/{address}'}" for method, address in found}


def test_every_door_of_the_schema_stands_on_the_page_and_every_door_of_the_page_in_the_schema():
    described = {
        f"{method.upper()} {address.replace('{slug}', 'SLUG')}"
        for address, door in routes.schema()["paths"].items()
        for method in door
        if method in ("get", "post")
    }
    assert described - doors_of_the_page() == set(), "give these a row in docs/API.md"
    assert doors_of_the_page() - described == set(), (
        "docs/API.md has rows for doors that voice/contract does not describe"
    )


def test_every_page_for_people_is_named():
    told = set(re.findall(r"`(/[^`]*)`", PAGE.split("## Pages and files, for people")[1]))
    named = {
        "slug:slug": "SLUG",
        "uuid:thread": "THREAD",
        "uuid:document_id": "DOCUMENT",
        "int:size": "SIZE",
        "path:content_type_id": "TYPE",
        "path:object_id": "ROW",
    }
    live = {
        "/" + re.sub(r"<([^>]+)>", lambda found: named[found[1]], str(route.pattern))
        for route in urls.urlpatterns
        if route.name in routes.FOR_PEOPLE
    }
    assert live - told == set(), "name these in docs/API.md, under “Pages and files, for people”"
    assert told - live == set(), "docs/API.md names pages that are gone"
