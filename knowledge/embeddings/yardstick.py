"""One measure for every engine's cosines.

Engines spread their cosines differently: what has nothing to do with a question is 0.05 from it for one engine and 0.7
for another, and a threshold that fits the one lets everything pass with the other. So each engine embeds the same
questions and the sentences that answer them, and a straight line brings its mean cosine of those that belong together,
and of those that do not, to where the engine of this host has them: there the weights and thresholds were measured.

The sentences are English and written for this project; how an engine spreads its cosines is its own way, more than a
language's. Measured with an engine whose cosines were pressed together between 0.69 and 1 on purpose, on 600 questions
to ten SQuAD articles: it refuses 98.5 % of other articles' and 0.5 % of its own, like the engine of this host; judged by
words alone, on three of the articles, it refused 88 % of others' instead of 99 %.
"""

from dataclasses import dataclass

import numpy as np

# Of all-MiniLM-L6-v2/int8/1, as `measure` gives them (a test compares).
NEAR, FAR = 0.541, 0.036
LEAST = 0.02  # between near and far: an engine that tells them apart less than this tells nothing

PAIRS = (
    ("When does the museum open on Sundays?", "On Sundays the doors are open from ten until five."),
    ("How much does a day ticket cost?", "A ticket for the whole day is 14 euros, for children half of that."),
    ("Who repairs broken heating?", "Call the caretaker when radiators stay cold; he sends a plumber within a day."),
    ("Can I bring my dog?", "Pets are welcome as long as they are kept on a lead."),
    ("How long may a book be borrowed?", "Loans run for four weeks and can be extended twice."),
    ("What should I do after a wasp sting?", "Cool the skin where the insect has stung, and watch for swelling."),
    ("Why do leaves turn yellow in autumn?", "As days grow shorter, trees withdraw the green pigment from their foliage."),
    ("How fast does light travel?", "Light covers about 300,000 kilometres every second."),
    ("Where are the spare keys kept?", "A second set of keys hangs in the cupboard beside the reception."),
    ("Which documents are needed to register a car?", "Bring the purchase contract, proof of insurance and your passport."),
    ("How is sourdough bread made?", "Flour and water ferment for days before the dough is kneaded and baked."),
    ("What happens if I miss my appointment?", "Whoever does not come without calling off is charged a fee."),
    ("Who wrote the first computer program?", "Ada Lovelace described an algorithm for the Analytical Engine in 1843."),
    ("How deep is the lake?", "Soundings found 97 metres of water at the deepest point of the lake."),
    ("Is the path suitable for wheelchairs?", "The whole trail is level and paved, so wheelchair users get around it with ease."),
    ("What is the penalty for late payment?", "Interest of five percent is added to invoices that are overdue."),
    ("How do vaccines work?", "They show the immune system a harmless part of a germ, so that it learns to fight it."),
    ("When was the bridge built?", "Construction of the bridge was finished in the spring of 1911."),
    ("How can I reset my password?", "Choose “forgotten password” on the sign-in page and follow the link in the mail."),
    ("What do bees eat in winter?", "During the cold months the hive lives on the honey it has stored."),
    ("Which languages are spoken in Switzerland?", "German, French, Italian and Romansh are the national languages of the Swiss."),
    ("How is the jury chosen?", "Twelve citizens are drawn by lot from the electoral roll."),
    ("Why is the sea salty?", "Rivers carry dissolved minerals from rocks into the ocean, where they remain."),
    ("What size are the storage rooms?", "Each compartment in the cellar measures four square metres."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scale:
    """A cosine times the slope, plus the shift, is what the engine of this host would say."""

    slope: float
    shift: float


def measure(engine):
    """(near, far): an engine's mean cosine of questions with their answers, and with others'. Raises EmbeddingFailed."""
    vectors = engine.embed([text for pair in PAIRS for text in pair])
    cosines = vectors[::2] @ vectors[1::2].T
    own = np.eye(len(PAIRS), dtype=bool)
    return float(cosines[own].mean()), float(cosines[~own].mean())


def find_scale(engine):
    """The engine's Scale; its slope is 0 when its cosines tell nothing. Raises EmbeddingFailed."""
    near, far = measure(engine)
    if near - far < LEAST:
        return Scale(0.0, 0.0)
    slope = (NEAR - FAR) / (near - far)
    return Scale(slope, FAR - slope * far)
