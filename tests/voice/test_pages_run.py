"""Of the commands that pages show, those that are run: what reads, or writes only where this test throws it away."""

import re
import subprocess

import pytest
from django.core.management import CommandError, call_command

from knowledge import ingestion
from tests.conftest import ROOT
from tests.test_pages import PAGES, commands, name
from voice import agents

RUN = {
    "ask", "ask_golden_questions", "check", "check_documents", "check_key", "embed_passages", "export_persona", "rotate_token",
    "showmigrations", "sync_agents",
}  # fmt: skip
RUN_ELSEWHERE = {"docs/API.md"}  # from its first command to its last, by test_api_page.py
METRICS_TOKEN = "metrics-token-of-the-tests"
CHANGING = re.compile(r" (-d|--data\S*|-X|--request|-F|--form|-T|--upload-file|-o|-O)\b")


def lines():
    """(where, command) of all pages."""
    for page in PAGES:
        if name(page) not in RUN_ELSEWHERE:
            yield from ((f"{name(page)}, line {command.line}", command) for command in commands(page))


MANAGED = {
    where: command.words[command.words.index("manage.py") + 1 :]
    for where, command in lines()
    if "manage.py" in command.words and {*command.words} & RUN
}
ASKED = {
    where: command.text
    for where, command in lines()
    if command.words[:1] == ["curl"]
    and not CHANGING.search(command.text)
    and re.search(r"localhost|127\.0\.0\.1|\$SITE", command.text)
}


@pytest.fixture
def harbour_guide(standin, make_persona, tmp_path, monkeypatch):
    """A folder of its own, beside a site with the persona that the pages speak of, in step."""
    persona = make_persona("Maren", slug="harbour-guide")
    page = (ROOT / "demo/documents/harbour-guide/bridge-and-lock.html").read_text()
    ingestion.ingest(ingestion.receive(persona, "Bridge and lock", text=re.sub("<[^>]+>", " ", page)))
    agents.sync(agents.note(persona))
    monkeypatch.chdir(tmp_path)
    return persona


@pytest.mark.django_db(transaction=True)
def test_the_commands_that_can_be_run_run_and_the_addresses_answer(harbour_guide, live_server, settings):
    """One site for all of them: to set one up takes longer than what is asked of it."""
    settings.METRICS_TOKEN = METRICS_TOKEN
    wrong = [f"{where}: {said}" for where, words in MANAGED.items() if (said := fault(words))]
    wrong += [
        f"{where}: `{text}` says {said}" for where, text in ASKED.items() if (said := refusal(text, live_server.url))
    ]
    assert wrong == [], "\n".join(wrong)


def fault(words):
    try:
        call_command(*words)
    except (CommandError, SystemExit) as problem:
        return f"`manage.py {' '.join(words)}` ends with: {problem}"
    return ""


def refusal(text, site):
    """What comes back instead of 200, or of the way to the login."""
    here = re.sub(r"https?://(localhost|127\.0\.0\.1)(:\d+)?|\$SITE", site, text)
    asked = ["bash", "-euc", f"METRICS_TOKEN={METRICS_TOKEN}\n{here} -w '\n%{{http_code}}'"]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=30)
    said, _, status = done.stdout.rpartition("\n")
    return "" if status in ("200", "302") else f"{status} {said[:300]} {done.stderr}"


def test_there_is_something_to_run():
    assert {words[0] for words in MANAGED.values()} >= {"ask", "sync_agents", "check_key"}


def test_a_command_that_fails_and_an_address_that_refuses_are_told(db):
    assert "no-such-persona" in fault(["ask", "no-such-persona", "When?"])
    assert refusal("curl -sS http://localhost:8000/", "http://127.0.0.1:9").startswith("000")
