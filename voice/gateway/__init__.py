"""Everything we ask of ElevenLabs. The only room that knows their SDK; plain strings and dicts come out of it."""

from voice.gateway.account import PROBES, calls_at_once, calls_running, credits_by_day, plan
from voice.gateway.agents import agent, agent_rows, agents_tagged, create_agent, delete_agent, update_agent
from voice.gateway.asking import PAGE, Denied, GatewayError, Gone, Refused, Unreachable
from voice.gateway.brake import left as seconds_to_wait
from voice.gateway.conversations import all_conversations_since, conversation, conversations_since, rate, signed_url
from voice.gateway.phones import Number, assign_number, phone_number, phone_numbers
from voice.gateway.telling import wrote
from voice.gateway.tools import create_tool, delete_tool, tool, tool_users, tools_named, tools_of, update_tool
from voice.gateway.voices import Voice, voices
from voice.gateway.workspace import (
    create_secret,
    create_webhook,
    delete_webhook,
    enable_webhook_retries,
    secret_named,
    update_secret,
    webhook,
    webhook_rows,
    webhooks_named,
)

__all__ = [
    "PROBES",
    "PAGE",
    "Denied",
    "GatewayError",
    "Gone",
    "Number",
    "Refused",
    "Unreachable",
    "Voice",
    "agent",
    "agent_rows",
    "agents_tagged",
    "all_conversations_since",
    "assign_number",
    "calls_at_once",
    "calls_running",
    "conversation",
    "conversations_since",
    "create_agent",
    "create_secret",
    "create_tool",
    "create_webhook",
    "credits_by_day",
    "delete_agent",
    "delete_tool",
    "delete_webhook",
    "enable_webhook_retries",
    "phone_number",
    "phone_numbers",
    "rate",
    "secret_named",
    "plan",
    "seconds_to_wait",
    "signed_url",
    "tool",
    "tool_users",
    "tools_named",
    "tools_of",
    "update_agent",
    "update_secret",
    "update_tool",
    "voices",
    "webhook",
    "webhook_rows",
    "webhooks_named",
    "wrote",
]
