"""A thread as it went: said, typed, looked up, told to do, cut short, begun, ended, reported and delivered, in order. Reads rows and
asks nobody; the number of queries does not grow with the thread."""

from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from knowledge.models import Passage
from voice.models import Command, Delivery, ToolCall, Turn

Outcome = ToolCall.Outcome
ORDER = ("begun", "turn", "command", "lookup", "ended", "delivery", "report")  # of what happened at the same moment
STAGES = ("recall", "embed", "search", "compose")  # in the order they run; PostgreSQL keeps the keys of JSON in its own
FAULTS = (Outcome.FALLBACK, Outcome.LIMITED, Outcome.REFUSED)


@dataclass(slots=True)
class Step:
    """One thing that happened. ``kind`` names the piece of the page that shows it: turn, lookup, command, begun, ended,
    report or delivery; ``row`` is the Turn, ToolCall, Command, Session or Delivery it is read from."""

    at: datetime
    kind: str
    row: object
    waited: float | None = None  # seconds from the visitor's last words to this turn of the persona
    coarse: bool = False  # a report tells times in whole seconds, so what was waited is no finer
    cited: list = field(default_factory=list)  # the citations as they are to be shown


@dataclass(slots=True)
class Spoken(Step):
    """A turn. ``heard`` was heard, ``unheard`` would have come after it; ``rephrased`` is what was to be said when the two
    begin differently."""

    heard: str = ""
    unheard: str = ""
    rephrased: str = ""


@dataclass(slots=True)
class LookedUp(Step):
    """A tool call: the passages found, as [(Passage or None when it is gone, score)], and its stages."""

    found: list = field(default_factory=list)
    stages: list = field(default_factory=list)  # (name, milliseconds, start, width), both in percent of the total

    @property
    def total(self):
        return self.row.milliseconds.get("total")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a thread comes to. Seconds and credits are sums over its reported calls, None before the first report."""

    turns: int
    calls: int
    seconds: int | None
    credits: int | None
    lookups: int
    unanswered: int
    faults: int
    interruptions: int
    lookup_ms: float | None  # the median of what callers waited for us
    slowest_ms: float | None
    waited: float | None  # the median of seconds from a question to the persona's next turn
    coarse: bool  # that is in whole seconds


@dataclass(frozen=True, slots=True)
class Timeline:
    steps: list
    sessions: list
    figures: Figures


def read(conversation):
    """The Timeline of a thread."""
    sessions = list(conversation.sessions.order_by("started_at", "id"))
    turns = [_spoken(turn) for turn in conversation.turns.order_by("at", "id")]
    _measure(turns)
    _put_into_calls(turns, sessions)
    lookups = _lookups(ToolCall.objects.filter(session__in=sessions).order_by("at", "id"))
    _put_after_questions(lookups, turns)
    commands = [Step(one.at, "command", one) for one in Command.objects.filter(session__in=sessions)]
    happened = [*turns, *lookups, *commands]
    steps = sorted([*happened, *_markers(sessions, happened), *_deliveries(sessions)], key=_place)
    _put_before_answers(steps, lookups)
    return Timeline(steps, sessions, _figures(sessions, turns, lookups))


def look_up(call):
    """One tool call as a step of its own."""
    return _lookups([call])[0]


def _place(step):
    """By time; of what happened at once, the beginning of a call comes first and its end last."""
    return step.at, ORDER.index(step.kind)


def _spoken(turn):
    step = Spoken(turn.at, "turn", turn, heard=turn.text)
    if turn.interrupted and turn.full_text:
        if turn.full_text.startswith(turn.text.rstrip(" .…")):
            step.unheard = turn.full_text[len(turn.text.rstrip(" .…")) :]
            step.heard = turn.text.rstrip(" .…") if step.unheard else turn.text
        else:
            step.rephrased = turn.full_text
    return step


def _measure(turns):
    """How long the persona's first turn after the visitor's last one was waited for, in the same call or typed."""
    asked = None
    for step in turns:
        if step.row.speaker == Turn.Speaker.VISITOR:
            asked = step.row
        elif asked is not None:
            if asked.session_id == step.row.session_id:
                step.waited = (step.at - asked.at).total_seconds()
                step.coarse = _is_reported(step.at)
            asked = None


def _is_reported(moment):
    """Whether a report told it: in whole seconds, with the turn's number as microseconds (`voice.matching`)."""
    return moment.microsecond < 1000


def _put_into_calls(turns, sessions):
    """A report's whole seconds may come before the moment at which the call began here: nothing is said before it."""
    began = {session.pk: session.started_at for session in sessions}
    for step in turns:
        step.at = max(step.at, began.get(step.row.session_id, step.at))


def _lookups(calls):
    calls = list(calls)
    wanted = {passage for call in calls for passage, _ in call.passages}
    found = Passage.objects.select_related("document").in_bulk(wanted)
    return [
        LookedUp(
            call.at, "lookup", call,
            found=[(found.get(passage), score) for passage, score in call.passages], stages=_stages(call.milliseconds, call.cached),
        )
        for call in calls
    ]  # fmt: skip


def _put_after_questions(lookups, turns):
    """An agent may ask us before the page has told what its visitor said: a look-up stands after the words it is for."""
    asked, said_before = None, {}
    for step in turns:
        said_before[step.row.pk] = asked
        asked = step.at if step.row.speaker == Turn.Speaker.VISITOR else asked
    for step in lookups:
        before = said_before.get(step.row.turn_id)
        step.at = max(step.at, before) if before else step.at


def _put_before_answers(steps, lookups):
    """An answer is told in whole seconds too, and may seem to come before the look-up it is made of."""
    for step in lookups:
        answer = next(
            (at for at, one in enumerate(steps) if one.kind == "turn" and one.row.pk == step.row.turn_id), None
        )
        place = next(at for at, one in enumerate(steps) if one is step)
        if answer is not None and answer < place:
            steps.insert(answer, steps.pop(place))


def _stages(milliseconds, cached=False):
    """[(name, milliseconds, where it starts, how wide it is)] in percent of the total, in the order they run. What was
    recalled from the cache carries the stages of the time it was found, of which none was run again."""
    total = milliseconds.get("total") or 0
    stages, start = [], 0.0
    for name in sorted(milliseconds, key=lambda name: (STAGES.index(name) if name in STAGES else len(STAGES), name)):
        value = milliseconds[name]
        if name == "total" or not total or (cached and name != "recall"):
            continue
        width = min(100 * value / total, 100 - start)
        stages.append((name, value, round(start, 2), round(max(width, 0.4), 2)))
        start += width
    return stages


def _markers(sessions, happened):
    """Where calls begin, end and are reported. A reported end is in whole seconds: what happened in a call is before it."""
    last = {}
    for step in happened:
        last[step.row.session_id] = max(step.at, last.get(step.row.session_id, step.at))
    for session in sessions:
        yield Step(session.started_at, "begun", session)
        if session.ended_at:
            yield Step(
                max(session.ended_at, session.started_at, last.get(session.pk, session.ended_at)), "ended", session
            )
        if session.reported_at:
            yield Step(session.reported_at, "report", session)


def _deliveries(sessions):
    subjects = [session.elevenlabs_conversation_id for session in sessions]
    rows = Delivery.objects.filter(subject__in=subjects).defer("body").order_by("received_at", "id")
    return [Step(row.received_at, "delivery", row) for row in rows]


def _figures(sessions, turns, lookups):
    waited_ms = [step.total for step in lookups if step.total is not None]
    measured = [step for step in turns if step.waited is not None]
    return Figures(
        turns=len(turns),
        calls=len(sessions),
        seconds=_sum(session.duration_secs for session in sessions),
        credits=_sum(session.cost_credits for session in sessions),
        lookups=len(lookups),
        unanswered=sum(step.row.outcome == Outcome.NOTHING for step in lookups),
        faults=sum(step.row.outcome in FAULTS for step in lookups),
        interruptions=sum(step.row.interrupted for step in turns),
        lookup_ms=median(waited_ms) if waited_ms else None,
        slowest_ms=max(waited_ms, default=None),
        waited=median(step.waited for step in measured) if measured else None,
        coarse=any(step.coarse for step in measured),
    )


def _sum(values):
    known = [value for value in values if value is not None]
    return sum(known) if known else None
