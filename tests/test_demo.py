"""The demo is what a newcomer sees first: it must be whole, and true to its documents."""

import json
import re
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from pocketsphinx import get_model_path

from knowledge import reading
from personas.models import Persona, StarterQuestion

DEMO = settings.BASE_DIR / "demo"
FORMATS = {".pdf", ".docx", ".html", ".md", ".txt"}
PERSONAS = json.loads((DEMO / "personas.json").read_text(encoding="utf-8"))["personas"]
GOLDEN = json.loads((DEMO / "golden-questions.json").read_text(encoding="utf-8"))["personas"]
FILES = [DEMO / document["file"] for persona in PERSONAS for document in persona["documents"]]
ANSWERED = [(persona, asked) for persona in GOLDEN for asked in persona["questions"] if asked["document"] is not None]


def is_of_its_kind(path):
    """True when the bytes are what the name promises."""
    if path.suffix == ".pdf":
        return path.read_bytes().startswith(b"%PDF-")
    if path.suffix == ".docx":
        return zipfile.is_zipfile(path) and "word/document.xml" in zipfile.ZipFile(path).namelist()
    text = path.read_text(encoding="utf-8")
    return "\x00" not in text and text.lower().startswith("<!doctype html>") == (path.suffix == ".html")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_document_is_there_and_of_its_kind(path):
    assert path.is_file()
    assert is_of_its_kind(path)


def test_the_documents_named_are_all_the_documents_there_are():
    there = {path for path in (DEMO / "documents").rglob("*") if path.is_file()}
    assert there == set(FILES)


def test_all_five_formats_are_there_at_least_twice():
    formats = Counter(path.suffix for path in FILES)
    assert set(formats) == FORMATS
    assert min(formats.values()) >= 2


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona["slug"])
def test_each_persona_has_enough_to_say_and_to_be_asked(persona):
    assert len(persona["documents"]) >= 4
    assert len(persona["starter_questions"]) >= 3


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona["slug"])
def test_each_persona_passes_the_checks_of_the_form(persona):
    fields = {name: value for name, value in persona.items() if name not in ("starter_questions", "documents")}
    Persona(**fields).full_clean(validate_unique=False)
    for text in persona["starter_questions"]:
        StarterQuestion(text=text).full_clean(exclude=["persona"])


def test_questions_and_personas_name_the_same_documents():
    assert {persona["slug"]: persona["documents"] for persona in GOLDEN} == {
        persona["slug"]: persona["documents"] for persona in PERSONAS
    }


def test_there_are_twenty_golden_questions_and_five_unanswerable_ones_for_each_persona():
    for persona in GOLDEN:
        kinds = Counter(asked["document"] is None for asked in persona["questions"])
        assert kinds[False] >= 20
        assert kinds[True] >= 5


def test_no_question_is_asked_twice():
    asked = Counter(asked["question"] for persona in GOLDEN for asked in persona["questions"])
    assert asked.most_common(1)[0][1] == 1


def test_every_starter_question_is_a_golden_one_with_an_answer():
    answered = {(persona["slug"], asked["question"]) for persona, asked in ANSWERED}
    starters = {(persona["slug"], text) for persona in PERSONAS for text in persona["starter_questions"]}
    assert starters <= answered


def test_every_document_answers_some_golden_question():
    named = {(persona["slug"], document["title"]) for persona in GOLDEN for document in persona["documents"]}
    assert {(persona["slug"], asked["document"]) for persona, asked in ANSWERED} == named


@pytest.fixture(scope="module", params=GOLDEN, ids=lambda persona: persona["slug"])
def read(request):
    """A persona of the golden questions, and the text of its documents by title, as they are read for real."""
    texts = {}
    for document in request.param["documents"]:
        with (DEMO / document["file"]).open("rb") as file:
            texts[document["title"]] = reading.read_file(file, Path(document["file"]).name).text
    return request.param, texts


def test_every_answer_stands_word_for_word_in_its_document(read):
    persona, texts = read
    missing = [
        (answer, asked["question"])
        for asked in persona["questions"]
        for answer in asked["answers"]
        if answer not in texts[asked["document"]]
    ]
    assert missing == []


def test_menus_notices_and_page_numbers_are_not_knowledge(read):
    _, texts = read
    everything = "\n".join(texts.values()).lower()
    assert not re.search(r"cookie|imprint|newsletter|page \d+ of \d+", everything)


def test_a_word_broken_at_the_end_of_a_line_is_whole_again(read):
    _, texts = read
    assert not [word for text in texts.values() for word in re.findall(r"\w+-\s*\n\s*[a-z]+", text)]


@pytest.fixture(scope="module")
def dictionary():
    """The words that the stand-in's speech recognition knows."""
    lines = Path(get_model_path("en-us/cmudict-en-us.dict")).read_text(encoding="utf-8").splitlines()
    return {line.split()[0] for line in lines if line}


@pytest.mark.parametrize("persona", GOLDEN, ids=lambda persona: persona["slug"])
def test_every_question_can_be_spoken_and_recognised(persona, dictionary):
    for asked in persona["questions"]:
        words = re.findall(r"[\w'-]+", asked["question"].lower())
        assert 5 <= len(words) <= 14, asked["question"]
        assert set(words) <= dictionary, asked["question"]
