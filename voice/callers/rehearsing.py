"""Many golden conversations replayed at once, and what is told of it: sentences for people, figures for machines."""

import asyncio
from dataclasses import asdict, dataclass, field

from voice.callers import judging, records, replaying
from voice.callers.page import Refused, Unreachable
from voice.callers.replaying import SPOKEN, TYPED

KINDS = {TYPED: replaying.type_out, SPOKEN: replaying.talk}


@dataclass
class Result:
    """One golden conversation, with its runs by kind and everything that differed."""

    conversation: object
    runs: dict = field(default_factory=dict)
    turns: list = field(default_factory=list)  # (kind, number, Step, sentences) of turns that differed
    whole: list = field(default_factory=list)  # sentences about the conversation
    notes: list = field(default_factory=list)  # what could not be looked at

    @property
    def differs(self):
        return bool(self.turns or self.whole)


def _ignore(_result):
    pass


async def rehearse(site, conversations, kinds, account=None, at_once=4, patience=1.0, done=_ignore):
    """Results in the order of the conversations; ``done(result)`` hears of each as it is through. Raises Unreachable."""
    doors = asyncio.Semaphore(at_once)

    async def one(conversation):
        async with doors:
            result = await _replay(site, conversation, kinds, account, patience)
        done(result)
        return result

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(conversation)) for conversation in conversations]
    return [task.result() for task in tasks]


async def _replay(site, conversation, kinds, account, patience):
    result = Result(conversation)
    for kind in kinds:
        try:
            played = result.runs[kind] = await KINDS[kind](site, conversation)
        except Refused as refusal:
            result.whole.append(f"{kind}: the site refused: {refusal}")
            continue
        if played.session and account:
            await _compare(result, played, account)
        _judge(result, kind, played, patience)
    if len(result.runs) == 2:
        result.whole += judging.parity(result.runs[TYPED], result.runs[SPOKEN])
    return result


def _judge(result, kind, played, patience):
    result.whole += [f"{kind}: {sentence}" for sentence in judging.of_conversation(played)]
    for number, (turn, step) in enumerate(zip(result.conversation.turns, played.steps, strict=True), 1):
        if sentences := judging.differences(turn, step, patience):
            result.turns.append((kind, number, step, sentences))


async def _compare(result, played, account):
    """Hold our thread against the service's own record of the call."""
    try:
        record = await account.fetch(played.session)
    except records.NoRecord as reason:
        result.notes.append(f"The other side's record was not compared: {reason}")
        return
    measure(played, record)
    ours = [row for row in played.thread if row.key.startswith(("call:", "report:"))]
    result.whole += records.differences(record, ours)


def measure(played, record):
    """Tool calls take as long as the service waited for them. Two frames that reach a caller together do not tell it."""
    calls, told = [step for step in played.steps if step.how != TYPED], records.latencies(record)
    if len(told) == sum(len(step.milliseconds) for step in calls):
        remaining = iter(told)
        for step in calls:
            step.milliseconds = [round(next(remaining), 1) for _ in step.milliseconds]


def tell(result):
    """Lines for people: one when all is as expected, else every difference with what was asked and heard."""
    name = f"{result.conversation.name} ({result.conversation.persona})"
    if not result.differs:
        yield f"as expected   {name}, {len(result.conversation.turns)} turns, {' and '.join(result.runs)}"
    else:
        yield f"DIFFERS       {name}"
    for kind, number, step, sentences in result.turns:
        yield f"  turn {number}, {kind}"
        yield f"    asked  {step.asked}"
        yield f"    heard  {step.answer or '(nothing)'}"
        yield from (f"    {sentence}" for sentence in sentences)
    yield from (f"  {sentence}" for sentence in result.whole)
    yield from (f"  note: {note}" for note in result.notes)


def as_json(results):
    """All of it for machines: what was played, and what differed."""
    return {
        "differing": sum(result.differs for result in results),
        "conversations": [
            {
                "name": result.conversation.name,
                "persona": result.conversation.persona,
                "runs": {kind: asdict(played) for kind, played in result.runs.items()},
                "differences": [
                    {"kind": kind, "turn": number, "asked": step.asked, "heard": step.answer, "sentences": sentences}
                    for kind, number, step, sentences in result.turns
                ],
                "whole": result.whole,
                "notes": result.notes,
            }
            for result in results
        ],
    }


def unreachable(group):
    """The first Unreachable in an exception group, or None."""
    return next((fault for fault in group.exceptions if isinstance(fault, Unreachable)), None)
