"""A thread as PDF: what was said and where it stands, whatever was said, in bounded time."""

import io
import re
import subprocess
import uuid

import pypdf
import pytest

from tests.voice.test_transcripts import CITED, visit
from voice import paper, press
from voice.models import Conversation, Turn

pytestmark = pytest.mark.django_db
HOSTILE = (
    '#panic("x") #import "@preview/x:1.0.0": * #read("/etc/passwd") $sum$ *bold* _em_ `code` = Title\n'
    '] #[ } " \\ \\u{41} <label> @ref // gone /* gone */ https://evil.example #sys.inputs'
)


@pytest.fixture
def told(conversation):
    """Turns of the thread, as (speaker, text, citations)."""

    def tell(*turns):
        return Turn.objects.bulk_create(
            Turn(conversation=conversation, key=str(number), speaker=who, channel="typed", text=text, citations=cited)
            for number, (who, text, cited) in enumerate(turns)
        )

    return tell


def cited(**fields):
    return {**CITED, "document_id": str(uuid.UUID(int=1)), "passage_id": 5, "start": 0, "end": 9, **fields}


def read(content):
    """(the file as pypdf has it, its words, the addresses that it links to)."""
    file = pypdf.PdfReader(io.BytesIO(content))
    links = [note.get_object() for page in file.pages for note in page.get("/Annots", [])]
    addresses = [link["/A"]["/URI"] for link in links if "/URI" in link.get("/A", {})]
    return file, " ".join(" ".join(page.extract_text() for page in file.pages).split()), addresses


def test_the_file_has_what_was_said_and_every_source_once_with_a_link_to_its_page(client, conversation, told, settings):
    settings.PUBLIC_URL = "https://advisor.example"
    told(("visitor", "When?", []), ("persona", "At nine.", [cited()]), ("persona", "Nine, as I said.", [cited()]))
    answer = visit(client, conversation, "pdf")
    file, words, addresses = read(answer.content)
    assert answer["Content-Type"] == "application/pdf" and ".pdf" in answer["Content-Disposition"]
    assert all(said in words for said in ("Harbour guide", "When?", "At nine. [1]", "Nine, as I said. [1]"))
    assert words.count("Timetable, page 4, Summer") == 1 and "The ferry leaves at nine." in words
    (address,) = addresses
    assert address.startswith("https://advisor.example/chat/harbour-guide/documents/") and "passage=5" in address


def test_a_screen_reader_finds_its_title_language_and_structure(client, conversation, told):
    told(("visitor", "When?", []), ("persona", "At nine.", [cited()]))
    file, _, _ = read(visit(client, conversation, "pdf").content)
    root = file.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/StructTreeRoot"]
    assert (root["/Lang"], file.metadata.title) == ("en", "Harbour guide")
    assert "pdfuaid" in root["/Metadata"].get_object().get_data().decode()


def test_whatever_was_said_is_text_and_never_read_as_markup(client, conversation, told):
    told(("visitor", HOSTILE, []), ("persona", HOSTILE, [cited(document=HOSTILE, heading=HOSTILE, quote=HOSTILE)]))
    _, words, addresses = read(visit(client, conversation, "pdf").content)
    spaceless = words.replace(" ", "")
    for said in re.findall(r"\S+", HOSTILE):
        assert spaceless.count(said) >= 3, said
    assert [address for address in addresses if "evil" in address.partition("?")[0]] == []
    assert "root:" not in words


@pytest.mark.parametrize(
    "said",
    [
        "שלום עולם",
        "مرحبا بالعالم",
        "नमस्ते दुनिया",
        "渡轮早上九点",
        "e\u0301",
        "😀",
        "\u202e",
        "x" * 5000,
        "\ue000",
        "a\n\n\nb",
    ],
)
def test_every_script_and_odd_character_makes_a_file(client, conversation, told, said):
    told(("visitor", said, []))
    assert visit(client, conversation, "pdf").content.startswith(b"%PDF")


def test_of_a_very_long_thread_the_newest_part_is_there_and_the_page_says_so(conversation, told, settings):
    turns = told(*[("visitor", f"Number {number}. " + "word " * 900, []) for number in range(120)])
    data = paper._tell(conversation, turns, str)
    assert data["turns"][-1]["text"].startswith("Number 119.") and 50 < len(data["turns"]) < 120
    assert "The beginning is left out" in data["note"]


def test_a_press_that_takes_too_long_or_breaks_gives_a_sentence_and_the_web_process_goes_on(
    client, conversation, told, monkeypatch
):
    told(("visitor", "When?", []))
    monkeypatch.setattr(paper, "SECONDS", 0.001)
    answer = visit(client, conversation, "pdf")
    assert (answer.status_code, answer["Retry-After"]) == (503, "20")
    assert "could not be made in time" in answer.content.decode()
    with pytest.raises(paper.NotNow):
        paper._press("no JSON")


def test_no_more_than_one_child_works_at_once_so_that_a_thread_is_left_for_others(conversation, told, monkeypatch):
    monkeypatch.setattr(paper, "WAIT_SECONDS", 0.01)
    paper._presses.acquire()
    try:
        with pytest.raises(paper.NotNow):
            paper.pdf(conversation, told(("visitor", "When?", [])), str)
    finally:
        paper._presses.release()


def test_the_child_finds_no_secret_in_its_surroundings(conversation, told, monkeypatch):
    seen = {}
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *given, **named: seen.update(named) or run(*given, **named))
    paper.pdf(conversation, told(("visitor", "When?", [])), str)
    assert set(seen["env"]) == {"PATH", "LC_ALL", "PYTHONDONTWRITEBYTECODE"} and press.SECONDS


def test_a_flood_of_files_is_slowed_down(client, conversation, told, monkeypatch):
    told(("visitor", "When?", []))
    monkeypatch.setattr(paper, "pdf", lambda *_: b"%PDF")
    assert [visit(client, conversation, "pdf").status_code for _ in range(7)] == [200] * 6 + [302]


def test_nobody_saves_anothers_thread_on_paper(client, conversation, told):
    told(("visitor", "A secret.", []))
    assert client.get(f"/chat/harbour-guide/transcript.pdf?thread={conversation.pk}").status_code == 404
    assert Conversation.objects.count() == 1
