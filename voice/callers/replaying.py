"""One golden conversation played against a running site: typed into the page, or spoken in a call."""

from dataclasses import dataclass, field

from voice.callers.call import Call
from voice.callers.page import Page
from voice.callers.quality import Sound

TYPED, SPOKEN, WRITTEN = "typed", "spoken", "written in the call"


@dataclass
class Step:
    """What came of one turn of a golden conversation."""

    asked: str
    how: str  # TYPED, SPOKEN or WRITTEN
    understood: str | None = None  # what the voice service made of it
    answer: str = ""  # what was heard of it
    full: str = ""  # what would have been said, when it was cut short
    cited: tuple = ()  # (document, quote)
    milliseconds: list = field(default_factory=list)  # our share: the typed answer, or each tool call
    sound: Sound | None = None
    problem: str = ""

    @property
    def documents(self):
        return list(dict.fromkeys(document for document, _ in self.cited))


@dataclass
class Played:
    """A conversation as it went: a step for each turn, and the thread as the page shows it afterwards."""

    name: str
    how: str
    steps: list = field(default_factory=list)
    thread: list = field(default_factory=list)
    session: str = ""  # ElevenLabs' id of the call
    problems: list = field(default_factory=list)


async def type_out(site, conversation):
    """Everything typed. Gives the Played. Raises Refused, Unreachable."""
    played = Played(conversation.name, TYPED)
    async with Page(site, conversation.persona) as page:
        for turn in conversation.turns:
            played.steps.append(await _type(page, turn))
        await page.open()
        played.thread = page.thread
    return played


async def talk(site, conversation):
    """Spoken in a call, with what comes ``by`` typing before it typed into the page. Raises Refused, Unreachable."""
    played, turns = Played(conversation.name, SPOKEN), list(conversation.turns)
    async with Page(site, conversation.persona) as page:
        while turns and turns[0].by == "typing":
            played.steps.append(await _type(page, turns.pop(0)))
        async with Call(page) as call:
            await call.hear_out()
            asked = [await _ask(call, turn) for turn in turns if not call.is_over]
        played.session = call.grant["session"]
        played.problems = [f"the voice service complained: {problem}" for problem in call.problems]
        played.problems += [f"the site could not be told of “{event['text']}”" for event in call.report.lost]
        told = {key.rpartition(":")[2]: turn for key, turn in call.report.turns.items()}
        played.steps += [_step(exchange, told) for exchange in asked]
        played.steps += [_unasked(turn) for turn in turns[len(asked) :]]
        await page.open()
        played.thread = page.thread
    return played


async def _type(page, turn):
    reply = await page.say(turn.asked)
    return Step(
        turn.asked, TYPED, turn.asked, reply["text"], reply["text"], _cited(reply), [round(page.waited[-1][1], 1)]
    )


async def _ask(call, turn):
    return await call.ask(turn.asked, spoken=turn.by == "voice", cut_after=turn.cut_after)


def _step(exchange, told):
    """``told`` are the site's turns by their name within the call: they say which citations stand on a turn."""
    answer, step = exchange.answer, Step(exchange.asked, SPOKEN if exchange.spoken else WRITTEN, exchange.understood)
    step.problem = exchange.problem
    step.milliseconds = [round((ended - began) * 1000, 1) for began, ended in exchange.looked_up if ended]
    if answer is not None:
        kept = told.get(answer.key, {})
        step.answer = answer.text if answer.corrected is None else answer.corrected
        step.full, step.cited = answer.text, _cited(kept)
        step.sound = Sound.of(exchange)
    return step


def _unasked(turn):
    return Step(turn.asked, SPOKEN, problem="the call was over before this could be asked")


def _cited(turn):
    return tuple((one["document"], one["quote"]) for one in turn.get("citations", ()))
