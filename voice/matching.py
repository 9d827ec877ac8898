"""Two tellings of one call, the page's and the report's, made into one: a turn both have keeps its row, one that only the
report has is added, one that only the page has stays."""

from collections import defaultdict, deque
from datetime import timedelta

from voice import heard
from voice.models import Conversation, ToolCall, Turn

ALIKE = 0.6  # of the words, in order: recognition and correction change a few
MOST_COMPARISONS = 5000  # of wordings that differ; a call of ordinary length needs a few dozen
FIELDS = ["speaker", "channel", "text", "full_text", "interrupted", "citations", "at"]


def fill_in(session, said, began):
    """Join the report's turns to the session's. Safe to repeat: what an earlier report added is brought up to date."""
    mine = f"report:{session.pk}:"
    turns = list(session.turns.order_by("at", "id"))
    added = {turn.key: turn for turn in turns if turn.key.startswith(mine)}
    found = _pair([turn for turn in turns if turn.key not in added], said)
    wanted = {f"{mine}{number}" for number in range(len(said)) if number not in found}
    Turn.objects.filter(pk__in=[turn.pk for key, turn in added.items() if key not in wanted]).delete()
    looked_up = _share_out(session, said)
    changed, new, linked = [], [], []
    for number, one in enumerate(said):
        # Two turns within one second stay in order by the microseconds.
        at = began + timedelta(seconds=one.seconds, microseconds=number)
        turn = found.get(number) or added.get(f"{mine}{number}") or _new(session, f"{mine}{number}")
        before = [getattr(turn, name) for name in FIELDS] if turn.pk else None
        _correct(turn, one, looked_up[number]) if number in found else _retell(turn, one, looked_up[number])
        turn.at = at
        if before is None:
            new.append(turn)
        elif before != [getattr(turn, name) for name in FIELDS]:
            changed.append(turn)
        linked.append((turn, looked_up[number]))
    Turn.objects.bulk_create(new, batch_size=500)
    Turn.objects.bulk_update(changed, FIELDS, batch_size=200)
    _link(linked)
    _note_last(session)


def _pair(ours, said):
    """{number in the report: our turn}. The same words first, in order; then the most alike of what is left."""
    found, left = {}, {turn.pk: turn for turn in ours}
    by_words = defaultdict(deque)
    for turn in ours:
        for words in {heard.wording(turn.text), heard.wording(turn.full_text or turn.text)}:
            by_words[turn.speaker, words].append(turn)
    for number, one in enumerate(said):
        for words in (heard.wording(one.text), heard.wording(one.full_text or one.text)):
            same = by_words[one.speaker, words]
            while same and same[0].pk not in left:
                same.popleft()
            if same and number not in found:
                found[number] = left.pop(same.popleft().pk)
    _pair_alike(found, left, said)
    return found


def _pair_alike(found, left, said):
    comparisons = 0
    for number, one in enumerate(said):
        candidates = [turn for turn in left.values() if turn.speaker == one.speaker]
        comparisons += len(candidates)
        if number in found or not candidates or comparisons > MOST_COMPARISONS:
            continue
        likeness, turn = max(((_alike(turn, one), turn) for turn in candidates), key=lambda pair: pair[0])
        if likeness >= ALIKE:
            found[number] = left.pop(turn.pk)


def _alike(turn, one):
    """An interrupted turn is known by the words that were to be said as well as by those that were."""
    wordings = {turn.text, turn.full_text} - {""}
    return max(heard.similarity(ours, theirs) for ours in wordings for theirs in {one.text, one.full_text} - {""})


def _share_out(session, said):
    """The tool calls that went into each of the report's turns, as it counts them."""
    calls = list(session.tool_calls.order_by("at", "id"))
    shares = []
    for one in said:
        shares.append(calls[: one.looked_up])
        calls = calls[one.looked_up :]
    return shares


def _new(session, key):
    return Turn(conversation_id=session.conversation_id, session=session, key=key)


def _correct(turn, one, looked_up):
    """What the page did not live to tell: that the turn was cut short, and what it leant on."""
    turn.citations = turn.citations or _cited(looked_up)
    if one.interrupted and not turn.interrupted:
        turn.full_text, turn.text, turn.interrupted = turn.text, one.text, True
    if turn.interrupted:
        turn.citations = heard.citations(turn.citations, turn.text)


def _retell(turn, one, looked_up):
    turn.speaker, turn.text, turn.full_text = one.speaker, one.text, one.full_text
    turn.channel = Turn.Channel.TYPED if one.typed else Turn.Channel.SPOKEN
    turn.interrupted = one.interrupted
    cited = _cited(looked_up)
    turn.citations = heard.citations(cited, one.text) if one.interrupted else cited


def _cited(calls):
    return heard.once(citation for call in calls for citation in call.citations)


def _link(pairs):
    for turn, calls in pairs:
        if loose := [call.pk for call in calls if call.turn_id is None]:
            ToolCall.objects.filter(pk__in=loose, turn=None).update(turn=turn)


def _note_last(session):
    last = session.turns.order_by("-at").values_list("at", flat=True).first()
    if last is not None:
        Conversation.objects.filter(pk=session.conversation_id, last_turn_at__lt=last).update(last_turn_at=last)
