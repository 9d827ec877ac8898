"""What we remember of talk: agents, conversations, turns, tool calls, and what ElevenLabs told us."""

from voice.models.agents import Agent, TokenUse, Workspace
from voice.models.alerts import Alert, Silence
from voice.models.allowances import Allowance, Spent, Used
from voice.models.attempts import Attempt
from voice.models.books import Compared, Listed, Reading, Spending
from voice.models.commands import Command
from voice.models.conversations import Conversation, Session, Turn
from voice.models.deeds import Deed
from voice.models.deliveries import Delivery, Forgotten
from voice.models.figures import DailyReport, DayFigures, Visit
from voice.models.phones import PhoneNumber
from voice.models.rollout import Flag
from voice.models.tool_calls import ToolCall

__all__ = [
    "Agent",
    "Alert",
    "Allowance",
    "Attempt",
    "Command",
    "Compared",
    "Conversation",
    "DailyReport",
    "DayFigures",
    "Deed",
    "Delivery",
    "Flag",
    "Forgotten",
    "Listed",
    "PhoneNumber",
    "Reading",
    "Session",
    "Silence",
    "Spending",
    "Spent",
    "TokenUse",
    "ToolCall",
    "Turn",
    "Used",
    "Visit",
    "Workspace",
]
