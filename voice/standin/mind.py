"""The pretend language model: decides what to do with what a visitor said."""

import re
from dataclasses import dataclass

from voice.standin.results import takes_question

GOODBYES = (
    r"(good ?bye|bye( bye)?|see you( later)?|hang up|end (the )?(call|conversation)|"
    r"that('s| is| will be) (all|it)( thank you| thanks)?|no( thank you| thanks)? that('s| is) all|"
    r"auf wieder(hören|sehen)|tschüss|adiós|au revoir)"
)
SMALL_TALK = (
    (
        "greeting",
        r"(hello|hi|hey|good (morning|afternoon|evening|day))( there)?|guten (tag|morgen|abend)|hallo|hola|bonjour",
    ),
    ("fine", r"((hello|hi|hey) )?how are you( today| doing)?|how do you do"),
    ("who", r"who are you|what are you|what can you do|what can i ask( you)?"),
    ("here", r"can you hear me|are you (still )?there|is anybody there"),
    (
        "thanks",
        r"((ok|okay|great|good|fine) )?(thanks|thank you)( very much| so much| a lot)?|danke( schön)?|gracias|merci",
    ),
)
REPEAT = r"(can you |could you |please )?(repeat|say)( that| it)?( again)?( please)?|pardon|what did you say|again"
QUESTION = (
    r"^(what|how|why|when|where|who|whom|whose|which|do|does|did|is|are|was|were|should|must|will|would|may|might)\b"
)
# What may be said around a command; each without its last s, as names are compared.
FILLERS = {
    "please", "the", "a", "me", "my", "it", "that", "thi", "can", "could", "would", "you", "your", "now", "just", "bit",
    "little", "speak", "talk", "and", "ok", "okay",
}  # fmt: skip
MOST_TOKENS = 128_000
LETTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Intent:
    """What to do next: `say` a phrase or a text, `repeat`, `goodbye`, call a `client` or a `webhook` tool."""

    kind: str
    text: str = ""
    tool: dict | None = None


def decide(text: str, tools: list[dict]) -> Intent:
    """The intent behind a visitor's words, given the tools (as stored, in the agent's order)."""
    plain = " ".join(re.sub(r"[^\w' ]+", " ", text.lower()).split())
    ended = re.sub(r"^(ok|okay|well|no|thank you|thanks|great)+ (?=\w)", "", plain)
    if re.fullmatch(GOODBYES + r"( thank you| thanks| bye)*", plain) or re.fullmatch(GOODBYES, ended):
        return Intent("goodbye")
    client = _client_tool(plain, tools)
    if client:
        return Intent("client", text=text, tool=client)
    for name, pattern in SMALL_TALK:
        if re.fullmatch(pattern, plain):
            return Intent("say", text=name)
    if re.fullmatch(REPEAT, plain):
        return Intent("repeat")
    webhook = _webhook_tool(plain, tools)
    return Intent("webhook", text=text, tool=webhook) if webhook else Intent("say", text="no_tool")


def _client_tool(plain: str, tools: list[dict]) -> dict | None:
    """The client tool that a short command names: "show me the source" for `show_sources`, "slower" for one that takes that
    very word, "say that again" for one that repeats. Whatever else is said in it makes it a question."""
    clients = [tool for tool in tools if tool["tool_config"]["type"] == "client"]
    if re.fullmatch(REPEAT, plain):
        return next((tool for tool in clients if _name_words(tool)[0] == "repeat"), None)
    said = {_stem(word) for word in plain.split()} - FILLERS
    fitting = [tool for tool in clients if said and said <= {*_name_words(tool), *_choices(tool)}]
    named = [tool for tool in fitting if said & {_name_words(tool)[0], *_choices(tool)}]
    return next(iter(named or fitting), None)


def _name_words(tool: dict) -> list[str]:
    words = re.split(r"[_-]+|(?<=[a-z])(?=[A-Z])", tool["tool_config"]["name"])
    return [_stem(word.lower()) for word in words if word]


def _choices(tool: dict) -> set[str]:
    """The words of which one is given to the tool."""
    properties = ((tool["tool_config"].get("parameters") or {}).get("properties") or {}).values()
    return {_stem(str(word).lower()) for one in properties for word in one.get("enum") or []}


def _stem(word: str) -> str:
    return word.removesuffix("s")


def _overlap(said: list[str], tool: dict) -> float:
    words = [word for word in re.split(r"[_-]+|(?<=[a-z])(?=[A-Z])", tool["tool_config"]["name"]) if word]
    return sum(1 for word in words if word.lower() in said) / len(words)


def _webhook_tool(plain: str, tools: list[dict]) -> dict | None:
    """The tool named in so many words, else the first that takes a question, else the first."""
    webhooks = [tool for tool in tools if tool["tool_config"]["type"] == "webhook"]
    named = [tool for tool in webhooks if _overlap(plain.split(), tool) == 1.0]
    asking = [tool for tool in webhooks if takes_question(tool["tool_config"])]
    return next(iter([*named, *asking, *webhooks]), None)


def weigh(texts) -> int:
    """About how many tokens a language model would count in these texts; None counts as nothing."""
    return sum(-(-len(text) // LETTERS_A_TOKEN) for text in texts if text)
