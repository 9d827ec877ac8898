"""What differed: a replayed conversation held against what its file says, in words."""

from voice.callers import words
from voice.callers.replaying import SPOKEN, TYPED


def differences(turn, step, patience=1.0):
    """Sentences, one for each expectation of a golden Turn that its Step did not meet. A slow machine may be allowed
    ``patience`` times as many milliseconds."""
    if step.problem:
        return [step.problem]
    found = [*_misunderstood(step), *_words(turn, step), *_citations(turn, step), *_times(turn, step, patience)]
    if step.how == SPOKEN and step.sound:
        found += _manner(turn, step)
    return found


def of_conversation(played):
    """What is wrong with the whole of it: complaints, and a thread that does not hold what was said, once and in order."""
    shown = [(row.speaker, row.text) for row in played.thread]
    said = [pair for step in played.steps for pair in _as_rows(step)]
    found = list(played.problems)
    missing = [text for pair in said if pair not in shown for text in pair[1:] if text]
    found += [f"the page does not show “{text}” after a reload" for text in missing]
    keys = [row.key for row in played.thread]
    found += [f"the page shows the turn {key} twice" for key in {key for key in keys if keys.count(key) > 1}]
    kept = [citation for row in played.thread for citation in row.citations]
    lost = {citation for step in played.steps for citation in step.cited} - set(kept)
    return found + [f"the source {document} is gone after a reload" for document, _ in sorted(lost)]


def parity(typed, spoken):
    """Where a typed and a spoken run of one conversation do not cite the same. A turn cut short may cite less."""
    found = []
    for number, (one, other) in enumerate(zip(typed.steps, spoken.steps, strict=True), 1):
        is_cut = other.answer != other.full
        same = set(other.cited) <= set(one.cited) if is_cut else set(one.cited) == set(other.cited)
        if not same:
            cited = f"typed cites {_listed(one.documents)}, spoken {_listed(other.documents)}"
            found.append(f"turn {number}, “{one.asked}”: {cited}, and not the same places")
    return found


def _as_rows(step):
    """What the page must show of a step."""
    rows = [("visitor", (step.understood or step.asked).strip())]
    return rows + ([("persona", step.answer.strip())] if step.answer else [])


def _misunderstood(step):
    if step.how == SPOKEN and words.split(step.understood or "") != words.split(step.asked):
        understood = f"“{step.understood}”" if step.understood else "nothing"
        yield f"the voice service understood {understood}"


def _words(turn, step):
    for phrase in turn.heard:
        if not words.holds(step.answer, phrase):
            yield f"expected to hear “{phrase}”"
    for phrase in turn.never:
        if words.holds(step.answer, phrase):
            yield f"did not expect to hear “{phrase}”"


def _citations(turn, step):
    if turn.cites is None:
        return
    if not turn.cites and step.cited:
        yield f"expected no source, got {_listed(step.documents)}"
    for title in turn.cites:
        if title not in step.documents:
            yield f"expected the source {title}, got {_listed(step.documents)}"


def _times(turn, step, patience):
    allowed = turn.within_ms * patience
    for milliseconds in step.milliseconds:
        if milliseconds > allowed:
            what = "typed answer" if step.how == TYPED else "tool call"
            yield f"the {what} took {milliseconds:.0f} ms, {allowed:.0f} are allowed"


def _manner(turn, step):
    is_cut = step.answer != step.full
    if turn.cut_after is None:
        yield from step.sound.faults()
        if is_cut:
            yield "the answer was cut short though nobody cut in"
    elif not is_cut:
        yield "the answer was not cut short though the visitor spoke on"


def _listed(documents):
    return ", ".join(documents) or "none"
