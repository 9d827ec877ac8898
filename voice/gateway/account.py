"""The account: its plan, and what our key may do in it, found out without changing anything."""

from datetime import UTC, datetime, time, timedelta

from django.utils.translation import gettext as _

from voice.gateway.asking import Refused, ask, elevenlabs

NOBODY = "of_nobody_0000000000"


def plan():
    """{"tier", "character_count", "character_limit", "next_character_count_reset_unix", …}: a credit is a character."""
    return ask(elevenlabs().user.subscription.get)


def calls_at_once():
    """How many conversations the plan lets run at the same time, or None where they do not say."""
    extras = ask(elevenlabs().user.get).get("subscription_extras") or {}
    return extras.get("convai_concurrency")


def calls_running():
    """How many conversations of the whole account are under way there."""
    return ask(elevenlabs().conversational_ai.analytics.live_count.get)["count"]


def credits_by_day(first, last):
    """[(day, product, credits)] of the whole account between two dates, both included, by days of UTC. What the columns are
    called is told nowhere, so they are found by type and unit. Raises Refused for an account that is billed by cost."""
    table = ask(
        elevenlabs().workspace.usage.get_usage_by_product_over_time,
        start_time=_milliseconds(first),
        end_time=_milliseconds(last + timedelta(days=1)) - 1,
        interval_seconds=86_400,
        group_by=["product_type"],
        time_zone="UTC",
    )
    types, units = table["column_types"], table["column_units"]
    if "DateTime" not in types or "credits" not in units:
        raise Refused(_("ElevenLabs tells what the account used in another shape than it did."))
    when, what, much = types.index("DateTime"), table["columns"].index("product_type"), units.index("credits")
    return [(_date(row[when]), row[what] or "", float(row[much] or 0)) for row in table["rows"]]


def _date(told):
    """Of a moment in ISO 8601 or in milliseconds."""
    if isinstance(told, str):
        return datetime.fromisoformat(told).date()
    return datetime.fromtimestamp(told / 1000, UTC).date()


def _milliseconds(day):
    return int(datetime.combine(day, time.min, UTC).timestamp() * 1000)


def _change_tool():
    config = {"type": "client", "name": "nothing", "description": "Nothing."}
    ask(elevenlabs().conversational_ai.tools.update, f"tool_{NOBODY}", request={"tool_config": config})


def _change_secret():
    ask(elevenlabs().conversational_ai.secrets.update, f"secret_{NOBODY}", name="nothing", value="nothing")


def _sign():
    get = elevenlabs().conversational_ai.conversations.get_signed_url
    ask(get, agent_id=f"agent_{NOBODY}", include_conversation_id=True)


# What each right is needed for, asked: raises Denied without it; Gone and Refused mean that it is there. Reading is a list
# of one row. Changing is a change of something that does not exist: it cannot happen, and whether the key may is looked at
# first (a key without the right is told 401 missing_permissions, not 404).
PROBES = {
    "agents_read": lambda: ask(elevenlabs().conversational_ai.agents.list, page_size=1),
    "agents_write": lambda: ask(elevenlabs().conversational_ai.agents.update, f"agent_{NOBODY}", name="Nobody"),
    "tools": _change_tool,
    "secrets": _change_secret,
    "webhooks_read": lambda: ask(elevenlabs().webhooks.list),
    "webhooks_write": lambda: ask(
        elevenlabs().webhooks.update, f"webhook_{NOBODY}", is_disabled=True, name="nothing", retry_enabled=False
    ),
    "voices": lambda: ask(elevenlabs().voices.search, page_size=1),
    "conversations": lambda: ask(elevenlabs().conversational_ai.conversations.list, page_size=1),
    "signed_url": _sign,
    "user": lambda: ask(elevenlabs().user.subscription.get),
}
