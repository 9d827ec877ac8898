"""The conversation-initiation webhook: whom we ask before a phone call begins, and what is reported when it cannot."""

import json

from voice.standin import toolcalls, webhooks
from voice.standin.errors import Hangup

KIND = "conversation_initiation_client_data"


async def ask(standin, agent: dict, record: dict, names_conversation: bool) -> dict:
    """The data to begin the call with; empty for an agent that asks nobody. Raises Hangup for anything but a 200 in time
    with a JSON object of the right type. How long the real service waits is not public."""
    platform = agent["platform_settings"]
    if not (platform.get("overrides") or {}).get("enable_conversation_initiation_client_data_from_webhook"):
        return {}
    webhook = chosen_for(agent, standin.store)
    if webhook is None:
        return {}
    request = _request(standin, webhook, record, names_conversation)
    outcome = await toolcalls.send(request, standin.options.initiation_seconds)
    if outcome.is_error:
        raise Hangup(
            1011, f"The conversation initiation webhook failed: {outcome.problem}", "call_initialization_error"
        )
    try:
        given = json.loads(outcome.text)
    except ValueError:
        given = None
    if not isinstance(given, dict) or given.get("type") != KIND:
        raise Hangup(1011, f"The conversation initiation webhook sent no {KIND}.", "call_initialization_error")
    return {**given, "source_info": {"source": "twilio"}}


def chosen_for(agent: dict, store) -> dict | None:
    """{"url", "request_headers"}: the agent's own, else the workspace's, or None."""
    own = (agent["platform_settings"].get("workspace_overrides") or {}).get(f"{KIND}_webhook")
    return own or store.settings.get(f"{KIND}_webhook") or None


def report_failure(standin, agent: dict, record: dict) -> None:
    """Send `call_initiation_failure`, where it is subscribed to, with what Twilio's status callback holds."""
    webhook, settings = webhooks.chosen_for(agent, standin.store)
    if "call_initiation_failure" not in (settings.get("events") or []):
        return
    call = record["metadata"]["phone_call"]
    reason = {"busy": "busy", "no_answer": "no-answer"}.get(call["call_result"], "unknown")
    status = {
        "CallSid": call["call_sid"],
        "CallStatus": "failed" if reason == "unknown" else reason,
        "From": call["external_number"],
        "To": call["agent_number"],
        "Direction": call["direction"],
        "Duration": "0",
        "AccountSid": "AC" + "0" * 32,
    }
    data = {"agent_id": record["agent_id"], "conversation_id": record["conversation_id"], "failure_reason": reason}
    data["metadata"] = {"type": "twilio", "body": status}
    standin.deliveries.post(webhook, "call_initiation_failure", data)


def _request(standin, webhook: dict, record: dict, names_conversation: bool) -> toolcalls.Outgoing:
    call, secrets = record["metadata"]["phone_call"], standin.store.secrets
    body = {
        "caller_id": call["external_number"],
        "agent_id": record["agent_id"],
        "called_number": call["agent_number"],
        "call_sid": call["call_sid"],
    }
    if names_conversation:  # older integrations do not
        body["conversation_id"] = record["conversation_id"]
    given = (webhook.get("request_headers") or {}).items()
    headers = {name: toolcalls.header(value, {}, secrets) for name, value in given}
    headers["Content-Type"] = "application/json"
    return toolcalls.Outgoing("POST", webhook["url"], headers, body=json.dumps(body))
