"""A chunked body, through a real server."""

import http.client
import json
import os
import subprocess
import sys
import time

import pytest
from django.conf import settings

from demo import processes
from tests.voice.conftest import SECRET, signature
from voice.models import Delivery


@pytest.fixture
def server(transactional_db, tmp_path):
    """granian, as `make run` starts it, on the tests' database."""
    port = processes.free_port()
    database = settings.DATABASES["default"]
    url = (
        f"sqlite:///{database['NAME']}"
        if "sqlite" in database["ENGINE"]
        else f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "config.wsgi:application"],
        env={**os.environ, "DATABASE_URL": url, "ELEVENLABS_WEBHOOK_SECRETS": SECRET},
        stdout=(tmp_path / "log").open("wb"),
        stderr=subprocess.STDOUT,
        cwd=settings.BASE_DIR,
    )
    assert processes.wait_for_port(port, process, seconds=60), (tmp_path / "log").read_text()
    yield port
    process.terminate()
    process.wait(20)


def post_chunked(port, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    pieces = (body[start : start + 60_000] for start in range(0, len(body), 60_000))
    headers = {"ElevenLabs-Signature": signature(body), "Content-Type": "application/json"}
    connection.request("POST", "/elevenlabs/post-call", pieces, headers, encode_chunked=True)
    return connection.getresponse().status


def recording(megabytes):
    return {
        "type": "post_call_audio",
        "event_timestamp": 5,
        "data": {"conversation_id": "conv_1", "full_audio": "A" * (megabytes * 1_000_000)},
    }


def kept():
    """The one delivery, as soon as it is there."""
    for _ in range(50):
        if Delivery.objects.exists():
            break
        time.sleep(0.1)
    return json.loads(Delivery.objects.get().body)


def test_a_chunked_recording_of_twenty_megabytes_is_kept_whole_at_the_door(server):
    report = recording(20)
    assert post_chunked(server, json.dumps(report).encode()) == 200
    assert kept() == report


def test_a_chunked_body_over_thirty_megabytes_is_refused_and_the_next_one_taken(server):
    assert post_chunked(server, json.dumps(recording(32)).encode()) == 413
    assert post_chunked(server, json.dumps(recording(1)).encode()) == 200
    assert kept() == recording(1)
