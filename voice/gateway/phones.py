"""The account's phone numbers, and which agent answers each."""

from dataclasses import dataclass

from voice.gateway.asking import PAGE, ask, elevenlabs, pages
from voice.gateway.telling import tells


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number as ElevenLabs lists it; ``agent_id`` is empty while no agent answers it."""

    number_id: str
    number: str
    label: str
    provider: str
    agent_id: str
    agent_name: str


def phone_numbers():
    """Every phone number of the account."""
    rows = pages(elevenlabs().conversational_ai.phone_numbers.list_v_2, "phone_numbers", page_size=PAGE)
    return [_read(row) for row in rows]


def phone_number(number_id):
    """One phone number as it stands on the other side. Raises Gone."""
    return _read(ask(elevenlabs().conversational_ai.phone_numbers.get, number_id))


@tells("number_assigned")
def assign_number(number_id, agent_id):
    """Let this agent answer the number, or none for None."""
    ask(elevenlabs().conversational_ai.phone_numbers.update, number_id, agent_id=agent_id)


def _read(row):
    agent = row.get("assigned_agent") or {}
    return Number(
        row["phone_number_id"],
        row["phone_number"],
        row.get("label") or "",
        row.get("provider") or "",
        agent.get("agent_id") or "",
        agent.get("agent_name") or "",
    )
