import json
import math

import pytest
from django.core.management import CommandError, call_command

from knowledge import calibration, evaluation, ingestion, shelf
from knowledge.models import Document
from personas.models import Persona
from tests.knowledge import samples

pytestmark = pytest.mark.django_db

PLAN = {
    "personas": [
        {
            "slug": "harbour",
            "name": "Harbour",
            "language": "en",
            "documents": [{"title": title, "text": text} for title, text in samples.HARBOUR.items()],
            "questions": [
                {"question": "What does a night cost?", "document": "Berths", "answers": ["25 euros"]},
                {"question": "When does the swing bridge open for boats?", "document": "Bridge", "answers": ["at six"]},
                {"question": "How long is the crossing to Lesser Hallow?", "document": "Ferry", "answers": []},
                {"question": "Who composed the opera about Figaro's wedding?", "document": None},
            ],
        },
        {
            "slug": "chinese",
            "name": "中文",
            "language": "zh",
            "documents": [{"title": "石油", "text": "1973年石油危机始于1973年10月。石油价格上涨到12美元。"}],
            "questions": [{"question": "石油危机什么时候开始？", "document": "石油", "answers": ["1973年10月"]}],
        },
    ]
}
KEYS = [
    "hit@1", "hit@3", "hit@5", "mrr@10", "ndcg@10", "answer@1", "answer@5", "answer_in_content", "refused",
    "falsely_refused", "search_ms_p50", "search_ms_p95", "embed_ms_p50", "embed_ms_p95", "passages_per_second", "questions",
]  # fmt: skip


@pytest.fixture
def plan(tmp_path):
    """Write a plan to a file: plan(object or text) gives its path."""

    def write(content):
        path = tmp_path / "questions.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    return write


def changed(path, value):
    """The plan with one place changed, given as a path of keys."""
    copy = json.loads(json.dumps(PLAN))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return copy


def test_json_gives_one_object_and_nothing_else_on_standard_output(plan, capfd):
    call_command("evaluate_retrieval", plan(PLAN), json=True)
    figures = json.loads(capfd.readouterr().out)
    assert list(figures) == ["overall", "personas"]
    assert list(figures["personas"]) == ["harbour", "chinese"]
    assert list(figures["overall"]) == list(figures["personas"]["harbour"]) == KEYS


def test_asked_as_heard_too_both_figures_and_the_difference_are_given(plan, capfd):
    call_command("evaluate_retrieval", plan(PLAN), json=True, heard=True)
    figures = json.loads(capfd.readouterr().out)
    assert list(figures) == ["overall", "personas", "heard", "cost"]
    assert figures["heard"]["overall"]["questions"] == figures["overall"]["questions"]
    for name, points in figures["cost"].items():
        assert points == pytest.approx(100 * (figures["heard"]["overall"][name] - figures["overall"][name]), abs=0.01)


def test_the_table_says_what_mishearing_changes(plan, capfd):
    call_command("evaluate_retrieval", plan(PLAN), heard=True)
    printed = capfd.readouterr().out
    assert "As heard:" in printed
    assert "What mishearing changes, in points: hit@1" in printed


def test_the_figures_are_right(plan, capfd):
    call_command("evaluate_retrieval", plan(PLAN), json=True)
    personas = json.loads(capfd.readouterr().out)["personas"]
    harbour, chinese = personas["harbour"], personas["chinese"]
    assert (harbour["hit@1"], harbour["mrr@10"], harbour["answer@1"], harbour["answer_in_content"]) == (1, 1, 1, 1)
    assert (harbour["refused"], harbour["falsely_refused"], harbour["questions"]) == (1, 0, 4)
    assert (chinese["refused"], chinese["embed_ms_p50"]) == (None, None)
    assert chinese["answer_in_content"] == 1


def test_the_table_names_every_persona(plan, capsys):
    call_command("evaluate_retrieval", plan(PLAN))
    out = capsys.readouterr().out
    assert "harbour" in out
    assert "overall" in out
    assert "100.0 %" in out


def test_nothing_stays_behind(plan, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        call_command("evaluate_retrieval", plan(PLAN), json=True)
    assert not Persona.objects.exists() and not Persona.history.exists()
    assert not Document.objects.exists() and not Document.history.exists()
    assert list(shelf.directory().glob("*.index")) == []


@pytest.mark.parametrize("fault", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_nothing_stays_behind_when_it_is_broken_off(plan, monkeypatch, fault):
    def stop(*_):
        raise fault

    monkeypatch.setattr(evaluation, "ask", stop)
    with pytest.raises(fault):
        call_command("evaluate_retrieval", plan(PLAN), json=True)
    assert not Persona.objects.exists()


def test_documents_may_be_files_beside_the_plan(plan, tmp_path, capfd):
    (tmp_path / "fees.pdf").write_bytes(samples.pdf(["A night in the harbour costs 25 euros."]))
    path = ["personas", 0, "documents", 0]
    call_command("evaluate_retrieval", plan(changed(path, {"title": "Berths", "file": "fees.pdf"})), json=True)
    assert json.loads(capfd.readouterr().out)["personas"]["harbour"]["hit@1"] == 1


def test_the_same_text_under_two_titles_is_one_document(plan, capfd):
    twice = {"title": "Copy", "text": samples.HARBOUR["Berths"]}
    documents = [*PLAN["personas"][0]["documents"], twice]
    content = changed(["personas", 0, "documents"], documents)
    content["personas"][0]["questions"][0]["document"] = "Copy"
    call_command("evaluate_retrieval", plan(content), json=True)
    assert json.loads(capfd.readouterr().out)["personas"]["harbour"]["hit@1"] == 1


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("{not json", "is not JSON"),
        ("[]", "the file: expected an object"),
        ("{}", "personas: expected a list"),
        ('{"personas": []}', "none to ask"),
        (changed(["personas", 0, "slug"], ""), "personas[0].slug"),
        (changed(["personas", 1, "slug"], "harbour"), "personas[1].slug"),
        (changed(["personas", 0, "language"], 5), "personas[0].language"),
        (changed(["personas", 0, "documents"], "x"), "personas[0].documents"),
        (changed(["personas", 0, "documents", 1, "text"], None), "personas[0].documents[1].text"),
        (changed(["personas", 0, "documents", 1, "title"], 3), "personas[0].documents[1].title"),
        (changed(["personas", 0, "questions", 2], "x"), "personas[0].questions[2]"),
        (changed(["personas", 0, "questions", 2, "question"], " "), "personas[0].questions[2].question"),
        (changed(["personas", 0, "questions", 2, "document"], "Elsewhere"), "personas[0].questions[2].document"),
        (changed(["personas", 0, "questions", 2, "document"], ["Ferry"]), "personas[0].questions[2].document"),
        (changed(["personas", 0, "questions", 2, "answers"], [1]), "personas[0].questions[2].answers"),
        (changed(["personas", 0, "documents", 1, "text"], "… – !"), "harbour, documents[1]"),
    ],
)
def test_a_malformed_file_is_refused_with_the_place_named(plan, content, place):
    with pytest.raises(CommandError) as refused:
        call_command("evaluate_retrieval", plan(content), json=True)
    assert place in str(refused.value)
    assert not Persona.objects.exists()


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(CommandError, match="missing.json cannot be read"):
        call_command("evaluate_retrieval", "missing.json")


def test_what_a_killed_run_left_is_removed_by_the_next():
    with evaluation.throw_away({"slug": "x", "name": "X", "language": "en"}) as left:
        ingestion.ingest(ingestion.receive(left, "One", text="The first text."))
        Persona.objects.update(created_at=left.created_at - 2 * evaluation.LEFT_BEHIND)
        evaluation.remove_left_behind()
        assert not Persona.objects.exists()
        assert not Document.objects.exists()


def test_shares_are_counted_over_what_was_asked():
    outcomes = [evaluation.Outcome(rank=rank, search_ms=1.0) for rank in (1, 2, 0, 6)]
    outcomes.append(evaluation.Outcome(expected_nothing=True, refused=True, search_ms=3.0))
    figures = evaluation.summarise([evaluation.Run(outcomes, passages=10, seconds=2.0)])
    assert (figures["hit@1"], figures["hit@3"], figures["hit@5"]) == (0.25, 0.5, 0.5)
    assert figures["mrr@10"] == round((1 + 1 / 2 + 1 / 6) / 4, 4)
    assert figures["ndcg@10"] == round((1 + 1 / math.log2(3) + 1 / math.log2(7)) / 4, 4)
    assert (figures["refused"], figures["falsely_refused"], figures["answer@1"]) == (1, 0, None)
    assert (figures["passages_per_second"], figures["search_ms_p50"]) == (5, 1)


def test_foreign_questions_are_refused_and_the_dial_moves_both_shares(plan, capfd):
    call_command("evaluate_retrieval", plan(PLAN), json=True, foreign=5)
    figures = json.loads(capfd.readouterr().out)
    strict, free = figures["dial"]["only_documents"], figures["dial"]["free"]
    assert 0 <= free["refused"] <= strict["refused"] <= 1
    assert 0 <= free["falsely_refused"] <= strict["falsely_refused"] <= 1


def test_foreign_questions_are_the_same_every_time_and_never_own_ones():
    asked = {"document": "A", "answers": [], "earlier": []}
    plans = [
        {"slug": slug, "questions": [{"question": f"{slug} {number}?", **asked} for number in range(20)]}
        for slug in ("one", "two")
    ]
    drawn = calibration.draw(plans, 5)
    assert drawn == calibration.draw(plans, 5)
    assert all(question.startswith("two") for question in drawn["one"])
