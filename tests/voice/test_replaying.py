"""`manage.py replay_conversations`: what it says when answers change, when nobody answers, and when a file is not right."""

import json

import pytest
from django.core.management import CommandError, call_command

from knowledge import ingestion
from knowledge.models import Document
from voice.callers import rehearsing
from voice.callers.replaying import SPOKEN, TYPED, Played, Step

TIMETABLE = "The ferry to the island leaves at nine in the morning from pier two. A ticket costs twelve euros."
ASKED = "When does the ferry to the island leave?"


@pytest.fixture
def persona(make_persona, transactional_db):
    persona = make_persona(slug="harbour-guide", fallback_message="That is not in my books.")
    ingestion.ingest(ingestion.receive(persona, "Timetable", text=TIMETABLE))
    return persona


@pytest.fixture
def file(tmp_path):
    """file(turn, …) writes one golden conversation and gives its path."""

    def write(*turns, **more):
        told = {"conversations": [{"name": "the ferry", "persona": "harbour-guide", "turns": list(turns), **more}]}
        path = tmp_path / "golden.json"
        path.write_text(json.dumps(told))
        return path

    return write


@pytest.fixture
def replay(live_server, capsys):
    """replay(path, …) runs the command against the live server: (exit status or 0, what was printed)."""

    def run(path, *flags, against=live_server.url):
        try:
            call_command("replay_conversations", path, "--against", against, *flags)
            status, sentence = 0, ""
        except CommandError as end:
            status, sentence = end.returncode, str(end)
        return status, capsys.readouterr().out + sentence

    return run


@pytest.mark.usefixtures("persona")
def test_a_conversation_that_goes_as_expected_ends_with_status_0(file, replay):
    turn = {"asked": ASKED, "cites": ["Timetable"], "heard": ["nine in the morning"], "never": ["ten"]}
    status, printed = replay(file(turn))
    assert status == 0
    assert "All 1 conversations went as expected." in printed


def test_an_answer_that_a_changed_document_changes_is_told_with_what_was_heard(file, replay, persona):
    golden = file({"asked": ASKED, "cites": ["Timetable"], "heard": ["nine in the morning"]})
    assert replay(golden)[0] == 0
    Document.objects.all().delete()
    ingestion.ingest(ingestion.receive(persona, "Timetable", text=TIMETABLE.replace("nine", "ten")))
    status, printed = replay(golden)
    assert status == 1
    for line in (f"asked  {ASKED}", "leaves at ten in the morning", "expected to hear “nine in the morning”"):
        assert line in printed
    assert "1 of 1 conversations differ" in printed


@pytest.mark.usefixtures("persona")
def test_each_expectation_that_is_not_met_has_its_own_sentence(file, replay):
    turns = [
        {"asked": ASKED, "cites": ["Handbook"], "never": ["pier two"], "within_ms": 0.001},
        {"asked": ASKED, "cites": []},
    ]
    printed = replay(file(*turns))[1]
    for sentence in (
        "expected the source Handbook, got Timetable",
        "did not expect to hear “pier two”",
        "ms, 0 are allowed",
        "expected no source, got Timetable",
    ):
        assert sentence in printed


def test_json_has_what_was_asked_heard_and_differed(file, replay, persona):
    status, printed = replay(file({"asked": ASKED, "heard": ["a horse"]}), "--json")
    told = json.loads(printed[: printed.rindex("}") + 1])
    (difference,) = told["conversations"][0]["differences"]
    assert (status, told["differing"]) == (1, 1)
    assert difference["sentences"] == ["expected to hear “a horse”"]
    assert told["conversations"][0]["runs"]["typed"]["steps"][0]["asked"] == ASKED


@pytest.mark.usefixtures("persona")
def test_a_site_that_is_not_there_is_named_with_what_to_do(file, replay):
    status, printed = replay(file({"asked": ASKED}), against="http://127.0.0.1:9")
    assert status == 1
    assert "http://127.0.0.1:9/chat/harbour-guide/ does not answer" in printed
    assert "make run" in printed


def test_a_persona_that_is_not_there_differs_and_says_what_the_site_answered(file, replay, db):
    status, printed = replay(file({"asked": ASKED}))
    assert status == 1
    assert "the site refused" in printed
    assert "404" in printed


@pytest.mark.usefixtures("persona")
def test_a_call_where_the_voice_is_not_set_up_differs_with_the_sites_sentence(file, replay):
    status, printed = replay(file({"asked": ASKED}), "--audio")
    assert status == 1
    assert "The voice is still being set up." in printed


@pytest.mark.usefixtures("persona")
def test_only_conversations_with_the_persona_asked_for_are_replayed(file, replay):
    status, printed = replay(file({"asked": ASKED}), "--persona", "nobody")
    assert status == 1
    assert "there are some with harbour-guide" in printed


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be opened"),
        ("no", "is not JSON"),
        ("[]", "has no list of conversations"),
        ('{"conversations": []}', "has no list of conversations"),
        ('{"conversations": [{"persona": "x", "turns": []}]}', "give it a name"),
        ('{"conversations": [{"name": "x", "persona": "x", "turns": []}]}', "nothing in its turns"),
        ('{"conversations": [{"name": "x", "persona": "x", "turns": [{}]}]}', "turn 1: say what is asked"),
        ('{"conversations": [{"name": "x", "persona": "x", "turns": [{"asked": "?", "site": 1}]}]}', "known of “site”"),
        ('{"conversations": [{"name": "x", "persona": "x", "turns": [{"asked": "?", "by": 1}]}]}', "voice or typing"),
        (
            '{"conversations": [{"name": "x", "persona": "x", "turns": [{"asked": "?", "heard": "y"}]}]}',
            "list of texts",
        ),
        ('{"conversations": [{"name": "x", "persona": "x", "turns": [{"asked": "?", "within_ms": "9"}]}]}', "a number"),
    ],
)
def test_a_file_that_is_not_right_is_refused_with_the_place(tmp_path, replay, content, sentence):
    path = tmp_path / "golden.json"
    if content is not None:
        path.write_text(content)
    status, printed = replay(path)
    assert status == 1
    assert sentence in printed


def test_two_conversations_of_one_name_are_refused(tmp_path, replay):
    one = {"name": "x", "persona": "x", "turns": [{"asked": "?"}]}
    path = tmp_path / "golden.json"
    path.write_text(json.dumps({"conversations": [one, one]}))
    assert "two conversations called x" in replay(path)[1]


def test_a_tool_call_takes_as_long_as_the_service_waited_whenever_its_frames_arrived():
    played = Played("the ferry", SPOKEN)
    played.steps = [Step("Before", TYPED, milliseconds=[9.0]), Step(ASKED, SPOKEN, milliseconds=[0.0])]
    done = [{"tool_latency_secs": 1.9, "type": "webhook"}, {"tool_latency_secs": 0.0, "type": "system"}]
    rehearsing.measure(played, {"transcript": [{"tool_results": None}, {"tool_results": done}]})
    assert [step.milliseconds for step in played.steps] == [[9.0], [1900.0]]
