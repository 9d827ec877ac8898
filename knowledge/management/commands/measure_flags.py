"""Measure how well documents are flagged, on labelled sentences and pairs."""

import json
from pathlib import Path

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from knowledge import embeddings, evaluation, reading
from knowledge.flags import differing, probe, suspicion
from knowledge.language.sentences import find_sentences

LABELLED = "benchmarks/labelled"
DEMO = "demo/documents"
PLAIN_SHARE = 0.3  # of an ordinary sentence in learning, against one written to be mistaken
ATTACK_SHARE = 1.5


class Command(BaseCommand):
    help = (
        "Prints how many attacks are flagged and how many honest sentences are flagged by mistake: of the sentences that "
        "the rules were chosen by, and of those kept aside. FILES, in the form of evaluate_retrieval, and the demo's "
        "documents are honest text besides."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="*", metavar="FILE")
        parser.add_argument(
            "--learn",
            action="store_true",
            help="Learn the probe of vectors anew, with FILES as honest text, and keep it.",
        )
        parser.add_argument("--show", action="store_true", help="Print the mistakes of the chosen half.")

    def handle(self, files, learn, show, **options):
        if learn:
            self.learn(demo_texts() + [text for file in files for text in texts_of(file)])
        self.stdout.write(f"{'':22}recall  precision  false alarms per 10,000 honest")
        for name, suffix in (("chosen by", ""), ("kept aside", "-aside")):
            self.measure(name, load(f"attacks{suffix}"), load(f"honest{suffix}"), show and not suffix)
        self.stdout.write("\nPairs that contradict each other:")
        self.measure_pairs(show)
        self.stdout.write("\nFalse alarms in texts without attacks:")
        try:
            texts = {"the demo's documents": demo_texts()} | {Path(file).name: texts_of(file) for file in files}
        except evaluation.Malformed as problem:
            raise CommandError(str(problem)) from problem
        for name, documents in texts.items():
            self.measure_text(name, documents)

    def learn(self, texts):
        """Fit the direction to the sentences the rules were chosen by, and to ordinary texts."""
        engine = embeddings.configured()
        attacks, honest = ([text for _, text in load(name)] for name in ("attacks", "honest"))
        plain = [text[start:end] for language, text in texts for start, end in find_sentences(text, language)]
        shares = [ATTACK_SHARE] * len(attacks) + [1.0] * len(honest) + [PLAIN_SHARE] * len(plain)
        labels = np.array([1.0] * len(attacks) + [0.0] * (len(honest) + len(plain)))
        probe.save(engine.id, *probe.learn(engine.embed(attacks + honest + plain), labels, np.array(shares)))

    def measure(self, name, attacks, honest, show):
        groups = {"all": None, "English": "en"}
        for group, language in groups.items():
            scored = [[(score(one), one) for one in some if language in (None, one[0])] for some in (attacks, honest)]
            found, false = (sum(points >= suspicion.ENOUGH for points, _ in some) for some in scored)
            self.stdout.write(
                f"{name + ', ' + group:22}{found / len(scored[0]):6.1%}  {found / max(1, found + false):9.1%}  "
                f"{10_000 * false / len(scored[1]):6.0f}  ({found} of {len(scored[0])}; {false} of {len(scored[1])})"
            )
        for points, (language, text) in scored[0] + scored[1] if show else ():
            self.stdout.write(f"  {points:.2f} {language} {text}")

    def measure_pairs(self, show):
        """How many contradictions are found among labelled pairs: the odd ones chose the rules, the even are kept aside."""
        rows = load("pairs")
        for name, first in (("chosen by", 0), ("kept aside", 1)):
            true, near = ([row for row in rows if row[0] == label][first::2] for label in "10")
            found, false = (sum(map(contradict, some)) for some in (true, near))
            self.stdout.write(
                f"{name:22}{found / len(true):6.1%}  {found / max(1, found + false):9.1%}  "
                f"{10_000 * false / len(near):6.0f}  ({found} of {len(true)}; {false} of {len(near)})"
            )
            if show and not first:
                for row in [one for one in true if not contradict(one)] + [one for one in near if contradict(one)]:
                    self.stdout.write(f"  {' | '.join(row)}")

    def measure_text(self, name, documents):
        """False alarms in text that holds no attack."""
        sentences = [
            (language, text[first:last])
            for language, text in documents
            for first, last in find_sentences(text, language)
        ]
        false = [sentence for sentence in sentences if score(sentence) >= suspicion.ENOUGH]
        self.stdout.write(f"{name[:60]}: {10_000 * len(false) / len(sentences):.1f} per 10,000 ({len(false)} of {len(sentences)})")  # fmt: skip
        for language, text in false[:5]:
            self.stdout.write(f"  {language} {' '.join(text.split())[:160]}")


def load(name):
    """[(language, sentence), …] of a labelled file; of pairs, [(label, language, one, other), …]."""
    path = Path(settings.BASE_DIR) / LABELLED / f"{name}.txt"
    return [tuple(line.split("\t")) for line in path.read_text(encoding="utf-8").splitlines() if line]


def contradict(row):
    """Whether the two sentences of a labelled pair, (label, language, one, other), are flagged."""
    _, language, one, other = row
    difference = differing.compare(differing.read(one, language), differing.read(other, language))
    return difference is not None and difference.score >= differing.ENOUGH


def score(one):
    """The score of (language, sentence) by cues and, where the engine's vectors count, by the probe."""
    language, sentence = one
    engine = embeddings.configured()
    points = suspicion.judge(sentence)[0]
    if points >= suspicion.ENOUGH or not engine.choose_share(language):
        return points
    meant = float(probe.score(engine.id, engine.embed([sentence]))[0])
    return max(points, meant) if meant >= suspicion.ENOUGH_BY_MEANING else points


def demo_texts():
    """[(language, text), …] of the demo's documents."""
    found = []
    for path in sorted((Path(settings.BASE_DIR) / DEMO).rglob("*.*")):
        with path.open("rb") as file:
            found.append(("en", reading.read_file(file, path.name).text))
    return found


def texts_of(file):
    """[(language, text), …] of the documents in an evaluation's file."""
    plans = json.loads(Path(file).read_bytes())["personas"] if evaluation.load(file) else []
    return [(plan["language"], one["text"]) for plan in plans for one in plan["documents"] if one.get("text")]
