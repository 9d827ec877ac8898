"""Whether a persona knows what it does not know: asked other personas' questions, at every turn of the strictness dial."""

import random

from knowledge.evidence import FACTORS

SEED = 11


def draw(plans, count):
    """{slug: up to ``count`` questions that the other personas of a file were made for}. The same ones every time."""
    drawn = {}
    for plan in plans:
        own = {question["question"] for question in plan["questions"]}
        others = [
            question["question"]
            for other in plans
            if other is not plan
            for question in other["questions"]
            if question["document"] is not None and question["question"] not in own and not question["earlier"]
        ]
        drawn[plan["slug"]] = random.Random(SEED).sample(others, min(count, len(others)))
    return drawn


def turn(runs):
    """{strictness: {"refused": share of foreign questions, "falsely_refused": share of own ones with an answer}}; None
    where nothing was asked. Nothing is asked again: the dial only changes how much evidence is needed."""
    foreign = [outcome for run in runs for outcome in run.foreign]
    own = [outcome for run in runs for outcome in run.outcomes if not outcome.expected_nothing]
    return {
        str(strictness): {"refused": _refuse(foreign, factor), "falsely_refused": _refuse(own, factor)}
        for strictness, factor in FACTORS.items()
    }


def _refuse(outcomes, factor):
    refused = [outcome.sufficiency < factor for outcome in outcomes]
    return round(sum(refused) / len(refused), 4) if refused else None
