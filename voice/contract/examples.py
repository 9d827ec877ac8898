"""Bodies as they went over the wire, for whoever reads the schema."""

from drf_spectacular.utils import OpenApiExample

PERSONA = "0197c0de-2f6a-7c11-9f3b-5a1e1d1c0de5"


def sent(name, value):
    return OpenApiExample(name, value=value, request_only=True)


def heard(name, value, status="200"):
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


TOOL_CALL = [
    sent(
        "A question in mid-conversation",
        {
            "function_name": "query_persona_knowledge",
            "parameters": {"query": "When does the bridge open?", "persona_id": PERSONA},
            "conversation_id": "conv_7101k5zvyjhmfg983brhmhkd98n6",
        },
    ),
    heard(
        "Found",
        {
            "result": {
                "content": "The lifting bridge opens at seven in the morning.",
                "citations": [
                    {
                        "document": "Bridge and lock",
                        "document_id": "0197c0de-2f6a-7c11-9f3b-5a1e1d1c0d0c",
                        "passage_id": 12,
                        "page": None,
                        "heading": "Opening times",
                        "quote": "The lifting bridge opens at seven in the morning.",
                        "start": 120,
                        "end": 169,
                    }
                ],
            },
            "success": True,
            "error": None,
        },
    ),
    heard(
        "A fault of ours: something to say all the same",
        {
            "result": {"content": "I can't look that up right now. Please ask me again in a moment.", "citations": []},
            "success": False,
            "error": {"code": "unavailable", "message": "The documents could not be searched just now."},
        },
    ),
]
RING = [
    sent(
        "A phone rings",
        {
            "caller_id": "+15559876543",
            "agent_id": "agent_3701k3ttaq12ewp8b7qv5rfyszkz",
            "called_number": "+15551234567",
            "call_sid": "CA0123456789abcdef0123456789abcdef",
        },
    ),
    heard(
        "The call may begin",
        {
            "type": "conversation_initiation_client_data",
            "dynamic_variables": {"persona_name": "Harbour guide", "call_reference": "phone:6f1c1e9e-1f3c-4a1a"},
            "conversation_config_override": {"agent": {"first_message": "This call is recorded. Good morning."}},
        },
    ),
]
REPORT = [
    sent(
        "A finished call",
        {
            "type": "post_call_transcription",
            "event_timestamp": 1764054000,
            "data": {
                "agent_id": "agent_3701k3ttaq12ewp8b7qv5rfyszkz",
                "conversation_id": "conv_7101k5zvyjhmfg983brhmhkd98n6",
                "status": "done",
                "transcript": [{"role": "user", "message": "When does the bridge open?", "time_in_call_secs": 4}],
                "metadata": {"call_duration_secs": 31, "cost": 212},
            },
        },
    ),
]
READY = [
    heard(
        "A worker is missing, questions are answered",
        {"ready": True, "parts": {"worker": {"ok": False, "says": "not well"}}},
    )
]
