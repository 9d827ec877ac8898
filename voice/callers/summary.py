"""Figures over many replayed conversations: how soon, how well understood, how whole."""


def lines(results):
    """What was measured in these Results: our share typed and spoken, and the sound of the calls."""
    steps = [step for result in results for played in result.runs.values() for step in played.steps]
    sounds = [step.sound for step in steps if step.sound]
    figures = {
        "typed answer": [ms for step in steps if step.how == "typed" for ms in step.milliseconds],
        "tool call": [ms for step in steps if step.how != "typed" for ms in step.milliseconds],
        "question to first sound": [sound.first * 1000 for sound in sounds if sound.first is not None],
        "question to its answer's first sound": [sound.answer * 1000 for sound in sounds if sound.answer is not None],
    }
    for title, values in figures.items():
        if values:
            yield f"{title:38} p50 {percentile(values, 0.5):6.0f} ms   p95 {percentile(values, 0.95):6.0f} ms   of {len(values)}"
    if sounds:
        yield from _sound(sounds)


def _sound(sounds):
    errors = [sound.word_error for sound in sounds if sound.word_error is not None]
    if errors:
        yield f"{'words understood wrongly':38} {sum(errors) / len(errors):.1%} of {len(errors)} sentences"
    whole = [sound for sound in sounds if sound.covered >= 0.98]
    yield f"{'answers that sounded whole':38} {len(whole)} of {len(sounds)}"
    pace = [sound.characters * sound.covered / sound.seconds for sound in sounds if sound.seconds]
    if pace:
        yield f"{'pace of speech':38} {min(pace):.0f} to {max(pace):.0f} characters a second"
    yield f"{'loudness':38} {min(s.loudness for s in sounds):.0f} to {max(s.loudness for s in sounds):.0f} of 32767"


def percentile(values, share):
    """The value below which that share of them lies (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
