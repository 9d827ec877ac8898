"""Every question that ``voice.gateway`` can ask, with the endpoints it asks at: one line for each of its public functions.

A new function needs a line here: ``Call(lambda made: gateway.its_name(...), "VERB /path/{with}/placeholders")``. ``made`` holds
what the call needs. test_gateway_wire.py then holds what was sent, and what is read of the answer, against the official SDK's
types, and docs/ELEVENLABS.md needs the function in its table.
"""

import uuid
from dataclasses import dataclass
from datetime import date

from personas.models import Persona
from voice import gateway
from voice.agents import definitions

HOOK = "https://voice.example.org/elevenlabs/post-call"


@dataclass(frozen=True)
class Call:
    """How a function is called, and every endpoint it asks at when called so."""

    ask: object
    endpoints: tuple

    def __init__(self, ask, *endpoints):
        object.__setattr__(self, "ask", ask)
        object.__setattr__(self, "endpoints", endpoints)


class Made:
    """What stands on the stand-in for a call to work with. Everything is made through the gateway."""

    def __init__(self, standin):
        self.standin = standin
        standin.http.post("/standin/reset").raise_for_status()
        self.name = f"clone-advisor-{uuid.uuid4().hex[:12]}"
        self.persona = Persona(name="Harbour guide", first_message="Ahoy.", language="de", extra_languages=["en"])
        self.secret_id = gateway.create_secret(self.name, "hush")
        self.webhook_id, _secret = gateway.create_webhook(self.name, HOOK)
        self.shared = definitions.Shared("6f1c", self.secret_id, self.webhook_id, frozenset({self.persona.pk}))
        self.tool = definitions.tool(self.persona, self.shared)
        self.tool_id = gateway.create_tool(self.tool)["id"]
        self.agent = definitions.agent(self.persona, self.shared, self.tool_id)
        self.agent_id = gateway.create_agent(self.agent)
        self.conversation_id = self.past_conversation()
        self.number_id = self.phone_number()

    def phone_number(self):
        """A number of the account, with an agent that answers it."""
        twilio = {
            "provider": "twilio",
            "phone_number": f"+41{uuid.uuid4().int % 10**9:09}",
            "label": "Desk",
            "sid": "AC1",
            "token": "t",
        }
        answer = self.standin.http.post("/v1/convai/phone-numbers", json=twilio)
        answer.raise_for_status()
        number_id = answer.json()["phone_number_id"]
        gateway.assign_number(number_id, self.agent_id)
        return number_id

    def past_conversation(self):
        """A call that is over, with a question looked up in it."""
        looked_up = {"tool_calls": [{"tool_name": definitions.TOOL_NAME}], "tool_results": [{"result_value": "Nine."}]}
        transcript = [
            {"role": "agent", "message": "Ahoy.", "time_in_call_secs": 0},
            {"role": "user", "message": "When does the ferry leave?", "time_in_call_secs": 3, "source_medium": "audio"},
            {"role": "agent", "time_in_call_secs": 4, **looked_up},
            {"role": "agent", "message": "At nine.", "interrupted": True, "original_message": "At nine sharp."},
        ]
        record = {"agent_id": self.agent_id, "transcript": transcript}
        answer = self.standin.http.post("/standin/conversations", json=record)
        answer.raise_for_status()
        return answer.json()["conversation_id"]


NUMBERS = "/v1/convai/phone-numbers"
AGENT = "/v1/convai/agents/{agent_id}"
TOOL = "/v1/convai/tools/{tool_id}"
SECRETS = "/v1/convai/secrets"
WEBHOOKS = "/v1/workspace/webhooks"
CALLS = {
    "agents_tagged": Call(lambda made: gateway.agents_tagged("clone-advisor:6f1c"), "GET /v1/convai/agents"),
    "create_agent": Call(lambda made: gateway.create_agent(made.agent), "POST /v1/convai/agents/create"),
    "update_agent": Call(lambda made: gateway.update_agent(made.agent_id, made.agent), f"PATCH {AGENT}"),
    "agent": Call(lambda made: gateway.agent(made.agent_id), f"GET {AGENT}"),
    "delete_agent": Call(lambda made: gateway.delete_agent(made.agent_id), f"DELETE {AGENT}"),
    "agent_rows": Call(lambda made: gateway.agent_rows("clone-advisor:6f1c"), "GET /v1/convai/agents"),
    "tools_named": Call(lambda made: gateway.tools_named(definitions.TOOL_NAME), "GET /v1/convai/tools"),
    "tools_of": Call(lambda made: gateway.tools_of("webhook"), "GET /v1/convai/tools"),
    "create_tool": Call(lambda made: gateway.create_tool(made.tool), "POST /v1/convai/tools"),
    "update_tool": Call(lambda made: gateway.update_tool(made.tool_id, made.tool), f"PATCH {TOOL}"),
    "tool": Call(lambda made: gateway.tool(made.tool_id), f"GET {TOOL}"),
    "tool_users": Call(lambda made: gateway.tool_users(made.tool_id), f"GET {TOOL}/dependent-agents"),
    "delete_tool": Call(lambda made: gateway.delete_tool(made.tool_id), f"DELETE {TOOL}"),
    "secret_named": Call(lambda made: gateway.secret_named(made.name), f"GET {SECRETS}"),
    "create_secret": Call(lambda made: gateway.create_secret(f"{made.name}-2", "hush"), f"POST {SECRETS}"),
    "update_secret": Call(
        lambda made: gateway.update_secret(made.secret_id, made.name, "other"), f"PATCH {SECRETS}/{{secret_id}}"
    ),
    "webhooks_named": Call(lambda made: gateway.webhooks_named(made.name), f"GET {WEBHOOKS}"),
    "webhook_rows": Call(lambda made: gateway.webhook_rows(made.name), f"GET {WEBHOOKS}"),
    "webhook": Call(lambda made: gateway.webhook(made.webhook_id), f"GET {WEBHOOKS}"),
    "create_webhook": Call(lambda made: gateway.create_webhook(made.name, HOOK), f"POST {WEBHOOKS}"),
    "enable_webhook_retries": Call(
        lambda made: gateway.enable_webhook_retries(made.webhook_id, made.name), f"PATCH {WEBHOOKS}/{{webhook_id}}"
    ),
    "delete_webhook": Call(lambda made: gateway.delete_webhook(made.webhook_id), f"DELETE {WEBHOOKS}/{{webhook_id}}"),
    "phone_numbers": Call(lambda made: gateway.phone_numbers(), "GET /v1/convai/v2/phone-numbers"),
    "phone_number": Call(lambda made: gateway.phone_number(made.number_id), f"GET {NUMBERS}/{{phone_number_id}}"),
    "assign_number": Call(
        lambda made: gateway.assign_number(made.number_id, None), f"PATCH {NUMBERS}/{{phone_number_id}}"
    ),
    "plan": Call(lambda made: gateway.plan(), "GET /v1/user/subscription"),
    "calls_at_once": Call(lambda made: gateway.calls_at_once(), "GET /v1/user"),
    "calls_running": Call(lambda made: gateway.calls_running(), "GET /v1/convai/analytics/live-count"),
    "credits_by_day": Call(
        lambda made: gateway.credits_by_day(date(2026, 11, 1), date(2026, 11, 2)),
        "POST /v1/workspace/analytics/query/usage-by-product-over-time",
    ),
    "all_conversations_since": Call(
        lambda made: list(gateway.all_conversations_since(1)), "GET /v1/convai/conversations"
    ),
    "voices": Call(lambda made: gateway.voices(), "GET /v2/voices"),
    "signed_url": Call(lambda made: gateway.signed_url(made.agent_id), "GET /v1/convai/conversation/get-signed-url"),
    "rate": Call(
        lambda made: gateway.rate(made.conversation_id, 4, "Friendly."),
        "POST /v1/convai/conversations/{conversation_id}/feedback",
    ),
    "conversation": Call(
        lambda made: gateway.conversation(made.conversation_id), "GET /v1/convai/conversations/{conversation_id}"
    ),
    "conversations_since": Call(
        lambda made: list(gateway.conversations_since(made.agent_id, 1)), "GET /v1/convai/conversations"
    ),
}
