"""A thread as a file to keep."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from voice import transcripts
from voice.models import Turn

pytestmark = pytest.mark.django_db
CITED = {"document": "Timetable", "page": 4, "heading": "Summer", "quote": "The ferry leaves\nat nine."}


@pytest.fixture
def told(conversation):
    """Turns of the thread, as (speaker, text, citations)."""

    def tell(*turns):
        return [
            Turn.objects.create(
                conversation=conversation, key=str(number), speaker=speaker, channel="typed", text=text, citations=cited
            )
            for number, (speaker, text, cited) in enumerate(turns)
        ]

    return tell


def visit(client, conversation, ending="txt"):
    kept = client.session
    kept["visitor"] = str(conversation.visitor)
    kept.save()
    return client.get(f"/chat/{conversation.persona.slug}/transcript.{ending}")


def test_every_source_stands_once_with_document_page_heading_and_words(conversation, told):
    turns = told(("visitor", "When?", []), ("persona", "At nine.", [CITED]), ("persona", "Nine, as I said.", [CITED]))
    file = transcripts.text(conversation, turns)
    assert "At nine. [1]" in file and "Nine, as I said. [1]" in file
    assert file.count("[1] Timetable, page 4, Summer: “The ferry leaves at nine.”") == 1


def test_a_heading_below_the_title_does_not_repeat_it(conversation, told):
    cited = {**CITED, "heading": "Timetable › Summer"}
    assert "[1] Timetable, page 4, Summer: “" in transcripts.text(conversation, told(("persona", "At nine.", [cited])))


def test_the_markdown_file_has_sources_as_footnotes(conversation, told):
    file = transcripts.markdown(conversation, told(("persona", "At nine.", [CITED])))
    assert "At nine.[^1]" in file
    assert "[^1]: Timetable, page 4, Summer: “The ferry leaves at nine.”" in file


@example("    code")
@example("1. first")
@example("2) second")
@example("- item")
@example("Title\n===")
@example("two spaces  \nnext")
@example("<b>[a](b)</b> `c` | d # e")
@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_whatever_people_say_is_text_in_the_markdown_file_and_never_markup(words):
    tokens = MarkdownIt("commonmark").parse(transcripts._mark(words))
    kinds = {token.type for token in tokens}
    inline = {child.type for token in tokens for child in token.children or []}
    assert kinds <= {"paragraph_open", "inline", "paragraph_close"}
    assert inline <= {"text", "softbreak", "text_special"}


def test_an_interrupted_turn_says_so(conversation, told):
    (turn,) = told(("persona", "The ferry", []))
    turn.interrupted = True
    assert "interrupted here" in transcripts.text(conversation, [turn])


@pytest.mark.parametrize(("ending", "kind"), [("txt", "text/plain"), ("md", "text/markdown")])
def test_a_visitor_saves_the_own_thread_under_the_personas_name(client, conversation, told, ending, kind):
    told(("visitor", "When?", []))
    file = visit(client, conversation, ending)
    assert file["Content-Type"].startswith(kind)
    assert f'filename="harbour-guide-{conversation.started_at:%Y-%m-%d}.{ending}"' in file["Content-Disposition"]
    assert "When?" in file.content.decode()


def test_nobody_saves_anothers_thread(client, conversation, told):
    told(("visitor", "When?", []))
    assert client.get(f"/chat/{conversation.persona.slug}/transcript.txt").status_code == 404


def test_of_a_thread_without_words_there_is_no_file(client, conversation):
    assert visit(client, conversation).status_code == 404
