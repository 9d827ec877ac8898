"""What a visitor may tell a running call to do, as client tools: the agent hears the wish, the page carries it out. Pure.

One tool for each command and for the whole installation: nothing in them is a persona's, so that a hundred personas need
four tools and not four hundred, and a new wording is sent once. The page's side is ``static/voice/commands.js``. Field
names are those of ``ClientToolConfigInput`` of the official SDK 2.78.0. Ending a call is no command of ours: the system
tool ``end_call`` does it, and the official client hangs up by itself when it hears of it.
"""

from dataclasses import dataclass, field

# A page answers in milliseconds; a phone has no page, and its caller waits so long until the agent helps itself.
ANSWERED_WITHIN = 4
RESULT = "The result holds the words to say: say those and nothing else; when they are empty, say nothing."
MARK = "installation"


@dataclass(frozen=True, slots=True)
class Command:
    """One command. ``when`` ends the sentence "call it …"; ``takes``: {parameter: (what it is, its words)}."""

    name: str
    when: str
    does: str
    takes: dict = field(default_factory=dict)


COMMANDS = (
    Command("repeat_answer", "when they want to hear the last answer again", "Gives back the last answer."),
    Command(
        "set_speaking_speed",
        "when they want you to speak slower, faster or at your normal speed",
        "Remembers how fast the visitor wants to be spoken to, from the next call on.",
        {"speed": ("How fast, against now.", ("slower", "faster", "normal"))},
    ),
    Command(
        "show_sources",
        "when they want to see where the last answer stands",
        "Opens the source of the last answer on the visitor's page.",
    ),
    Command("stop_speaking", "when they want you to be quiet", "Makes the visitor's page silent at once."),
)
NAMES = tuple(command.name for command in COMMANDS)
RULES = f"""\
The visitor can also tell you how to go on. For that you have tools: {"; ".join(f"{one.name}, {one.when}" for one in COMMANDS)}. \
Use them for that alone, never in place of an answer, and never speak of tools. {RESULT} If one fails, help in your own words.
When the visitor wants to hang up, take leave in a few words and call end_call."""


def tool(command, installation):
    """The client tool of one command, ready to be created or updated."""
    return {
        "tool_config": {
            "type": "client",
            "name": command.name,
            "description": f"{command.does} Call it {command.when}. {RESULT}",
            "expects_response": True,
            "response_timeout_secs": ANSWERED_WITHIN,
            "pre_tool_speech": "off",
            "interruption_mode": "allow",
            "execution_mode": "immediate",
            # Tools have no tags: by this constant, which no model can change, ours are told from others'.
            "parameters": _parameters(command, {MARK: {"type": "string", "constant_value": installation}}),
        }
    }


def tools(installation):
    """{name: its tool}, in the order of COMMANDS."""
    return {command.name: tool(command, installation) for command in COMMANDS}


def installation_of(tool_config):
    """The installation whose command a tool is, as text; "" of any other tool."""
    constant = ((tool_config.get("parameters") or {}).get("properties") or {}).get(MARK) or {}
    return constant.get("constant_value") or ""


def _parameters(command, mark):
    properties = {
        name: {"type": "string", "description": says, "enum": list(words)}
        for name, (says, words) in command.takes.items()
    }
    return {"type": "object", "required": [*properties, *mark], "properties": {**properties, **mark}}
