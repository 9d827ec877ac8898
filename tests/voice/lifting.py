"""How ElevenLabs asks us to begin a phone call."""

import json

from django.test import Client

from tests.conftest import SERVICE_TOKEN

ADDRESS = "/elevenlabs/conversation-start"
CALLED, CALLER = "+15551234567", "+15559876543"


def ringing_body(**changes):
    return {"caller_id": CALLER, "agent_id": "agent_1", "called_number": CALLED, "call_sid": "CA1", **changes}


def ring(content=None, token=SERVICE_TOKEN, **changes):
    """Knock as ElevenLabs does, with CSRF checks on."""
    content = json.dumps(ringing_body(**changes)).encode() if content is None else content
    headers = {"X-Service-Token": token} if token is not None else {}
    return Client(enforce_csrf_checks=True).post(ADDRESS, content, content_type="application/json", headers=headers)
