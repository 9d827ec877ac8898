"""The stand-in as a program: its flags, its memory between starts, a taken port."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from voice.standin.options import Options
from voice.standin.server import Running
from voice.standin.store import Store

ROOT = Path(__file__).parents[2]
KEY = {"xi-api-key": "k"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(*arguments):
    command = [sys.executable, "-m", "voice.standin", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_for(port, process):
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up and process.poll() is None:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/standin/").json()
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(process.communicate(timeout=5)[0])


def create_agent(url, name):
    answer = httpx.post(f"{url}/v1/convai/agents/create", headers=KEY, json={"name": name, "conversation_config": {}})
    return answer.json()["agent_id"]


def test_started_alone_it_says_where_it_listens_and_what_with_and_stops_on_interrupt(tmp_path):
    port = free_port()
    process = start("--port", port, "--state", tmp_path / "state.json", "--webhook-url", "http://127.0.0.1:9/report")
    try:
        wait_for(port, process)
        agent_id = create_agent(f"http://127.0.0.1:{port}", "Kept")
    finally:
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=20)[0]
    assert f"http://127.0.0.1:{port}" in said
    assert "Speech by flite" in said
    assert "signed with wsec_" in said
    assert "Traceback" not in said
    assert agent_id in json.loads((tmp_path / "state.json").read_text())["agents"]


def test_what_was_made_is_there_after_a_restart(tmp_path):
    options = Options(port=0, state=tmp_path / "state.json", quiet=True)
    with Running(options) as first:
        agent_id = create_agent(first.url, "Kept")
    with Running(options) as second:
        answer = httpx.get(f"{second.url}/v1/convai/agents/{agent_id}", headers=KEY)
        assert answer.json()["name"] == "Kept"


def test_a_change_is_saved_within_a_second_without_a_stop(tmp_path):
    state = tmp_path / "state.json"
    with Running(Options(port=0, state=state, quiet=True)) as running:
        agent_id = create_agent(running.url, "Kept")
        give_up = time.monotonic() + 10
        while not (state.exists() and agent_id in state.read_text()):
            assert time.monotonic() < give_up
            time.sleep(0.05)
    assert (state.stat().st_mode & 0o777) == 0o600


def test_a_file_that_is_no_state_is_left_alone_and_named(tmp_path):
    state = tmp_path / "state.json"
    state.write_text("not JSON")
    with pytest.raises(SystemExit, match="state.json is not a state file"):
        Store(state)
    assert state.read_text() == "not JSON"


def test_a_crash_while_saving_leaves_the_old_state(tmp_path, monkeypatch):
    store = Store(tmp_path / "state.json")
    store.agents["one"] = {}
    store.touch()
    store.save()
    store.agents["two"] = {}
    store.touch()
    monkeypatch.setattr(os, "fsync", lambda _file: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        store.save()
    assert list(Store(tmp_path / "state.json").agents) == ["one"]


def test_a_taken_port_is_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start("--port", taken.getsockname()[1])
        said = process.communicate(timeout=30)[0]
    assert process.returncode == 1
    assert said.startswith("The stand-in cannot listen on 127.0.0.1:")
    assert len(said.splitlines()) == 1


def test_only_the_given_key_is_accepted():
    with Running(Options(port=0, api_key="right", quiet=True)) as running:
        address = f"{running.url}/v1/user"
        assert httpx.get(address, headers={"xi-api-key": "right"}).status_code == 200
        refused = httpx.get(address, headers={"xi-api-key": "wrong"})
        assert (refused.status_code, refused.json()["detail"]["status"]) == (401, "invalid_api_key")


def test_signed_urls_name_the_public_address_when_there_is_one():
    with Running(Options(port=0, public_url="https://voice.example.org/", quiet=True)) as running:
        agent_id = create_agent(running.url, "x")
        asked = {"agent_id": agent_id}
        answer = httpx.get(f"{running.url}/v1/convai/conversation/get-signed-url", headers=KEY, params=asked)
        assert answer.json()["signed_url"].startswith("wss://voice.example.org/v1/convai/conversation?agent_id=")


def test_the_management_command_takes_the_same_flags():
    command = [sys.executable, "manage.py", "standin", "--help"]
    environment = {**os.environ, "SECRET_KEY": "for this test"}
    helped = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)
    for flag in ("--port", "--host", "--state", "--sentences", "--api-key", "--webhook-url", "--webhook-retries"):
        assert flag in helped.stdout


def test_nothing_of_django_is_imported():
    code = "import sys, voice.standin.server; print([name for name in sys.modules if name.split('.')[0] == 'django'])"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_readmes_first_conversation_goes_word_for_word():
    section = (ROOT / "voice/standin/README.md").read_text().split("## A first conversation")[1].split("\n## ")[0]
    lines = [line[4:] for line in section.splitlines() if line.startswith("    ") or not line]
    with Running(Options(port=0, quiet=True)) as running:
        code = "\n".join(lines).replace("http://127.0.0.1:8900", running.url)
        ran = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=90, check=True
        )
    greeting, answer, roles = ran.stdout.splitlines()
    assert greeting == "Ask me about lamps."
    assert answer.startswith("I am the assistant here.")
    assert roles == "['agent', 'user', 'agent']"
