"""Golden questions: when a run is worse, who may accept it, and what keeps a persona from being published."""

import pytest
from django.core.management import CommandError, call_command
from kombu.exceptions import OperationalError

from knowledge import broker, golden, ingestion, tasks
from knowledge.models import GoldenQuestion, GoldenRun, Library
from personas import publishing
from personas.models import Persona
from tests.knowledge import samples

pytestmark = pytest.mark.django_db
Cause = GoldenRun.Cause


@pytest.fixture
def expect():
    """A golden question: expect(persona, question, document, *answers)."""

    def expect(persona, question, document="", *answers, **fields):
        return GoldenQuestion.objects.create(
            persona=persona, question=question, document=document, answers=list(answers), **fields
        )

    return expect


@pytest.fixture
def asked(harbour, expect):
    """A draft that knows three things, two of which are asked about."""
    Persona.objects.filter(pk=harbour.pk).update(status="draft")
    harbour.refresh_from_db()
    expect(harbour, "What does a night cost?", "Berths", "25 euros")
    expect(harbour, "When does the ferry sail to the island?", "Ferry", "at nine")
    return harbour


@pytest.fixture
def lose(django_capture_on_commit_callbacks):
    """Delete a document, with what happens after the commit."""

    def lose(persona, title):
        with django_capture_on_commit_callbacks(execute=True):
            ingestion.forget(persona.documents.get(title=title))

    return lose


@pytest.fixture
def person(django_user_model):
    return django_user_model.objects.create_superuser("anna")


def test_a_question_passes_when_its_document_is_cited_and_its_words_are_said(asked):
    made = golden.run(asked, Cause.DEMAND)
    assert (made.passed, made.asked) == (2, 2)
    assert made.outcomes[0]["cited"] == ["Berths"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"document": "Bridge"}, "“Bridge” is not cited, although it was found in place"),
        ({"document": "Weather"}, "There is no document titled “Weather” that is ready."),
        ({"answers": ["26 euros"]}, "None of the expected words stands in the answer."),
        ({"expects_nothing": True}, "It was answered, and no answer was expected."),
    ],
)
def test_a_question_that_fails_says_why(harbour, fields, why):
    GoldenQuestion.objects.create(persona=harbour, question="What does a night cost?", **fields)
    outcome = golden.run(harbour, Cause.DEMAND).outcomes[0]
    assert not outcome["passed"]
    assert outcome["why"].startswith(why)


def test_a_question_without_an_answer_says_what_was_missing(harbour, expect):
    expect(harbour, "Who wrote the opera about Figaro?", "Ferry")
    assert "too thin" in golden.run(harbour, Cause.DEMAND).outcomes[0]["why"]


def test_any_answer_will_do_where_nothing_else_is_asked_for(harbour, expect):
    expect(harbour, "What does a night cost?")
    assert golden.run(harbour, Cause.DEMAND).passed == 1


def test_an_honest_refusal_passes_where_nothing_is_expected(harbour, expect):
    expect(harbour, "Who wrote the opera about Figaro?", expects_nothing=True)
    assert golden.run(harbour, Cause.DEMAND).passed == 1


def test_questions_that_are_not_active_are_not_asked(asked):
    GoldenQuestion.objects.update(active=False)
    assert golden.run(asked, Cause.DEMAND) is None
    assert golden.standing(asked).is_open


def test_the_first_run_is_accepted_by_itself(asked, expect):
    expect(asked, "Will it rain?", "Ferry")
    made = golden.run(asked, Cause.DEMAND)
    assert made.is_accepted
    assert made.accepted_by is None


def test_a_run_in_which_a_passing_question_fails_is_worse_whatever_else_passes_now(asked, expect, lose, teach):
    expect(asked, "Where is the pharmacy?", "Town", "Mill Street")
    golden.run(asked, Cause.DEMAND)
    lose(asked, "Ferry")
    teach(asked, "Town", "The pharmacy is in Mill Street. It opens at eight.")
    made = golden.run(asked, Cause.CHANGE)
    assert not made.is_accepted
    changes = golden.compare(made, golden.last_accepted(asked))
    assert [one["question"] for one in changes.worse] == ["When does the ferry sail to the island?"]
    assert [one["question"] for one in changes.better] == ["Where is the pharmacy?"]


def test_a_new_question_that_fails_makes_no_run_worse(asked, expect):
    golden.run(asked, Cause.DEMAND)
    expect(asked, "Will it rain?", "Ferry", "all day")
    assert golden.run(asked, Cause.DEMAND).is_accepted


def test_a_question_whose_expectation_changed_is_a_new_one(asked):
    golden.run(asked, Cause.DEMAND)
    GoldenQuestion.objects.filter(document="Berths").update(answers=["99 euros"])
    made = golden.run(asked, Cause.DEMAND)
    assert (made.passed, made.is_accepted) == (1, True)


def test_a_worse_run_is_accepted_with_a_reason_and_a_name(asked, lose, person):
    golden.run(asked, Cause.DEMAND)
    lose(asked, "Ferry")
    made = golden.run(asked, Cause.CHANGE)
    golden.accept(made, person, "The ferry is in dock.")
    assert (made.accepted_by, made.reason) == (person, "The ferry is in dock.")
    publishing.publish(asked)
    assert Persona.objects.get(pk=asked.pk).is_published


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_worse_run_is_not_accepted_without_a_reason(asked, lose, person, reason):
    golden.run(asked, Cause.DEMAND)
    lose(asked, "Ferry")
    made = golden.run(asked, Cause.CHANGE)
    with pytest.raises(golden.NotNow, match="Say why"):
        golden.accept(made, person, reason)
    assert not GoldenRun.objects.get(pk=made.pk).is_accepted


def test_only_the_newest_run_is_accepted_and_only_once(asked, lose, person):
    golden.run(asked, Cause.DEMAND)
    lose(asked, "Ferry")
    old, new = golden.run(asked, Cause.CHANGE), golden.run(asked, Cause.DEMAND)
    with pytest.raises(golden.NotNow, match="newer run"):
        golden.accept(old, person, "Why not.")
    golden.accept(new, person, "In dock.")
    with pytest.raises(golden.NotNow, match="already"):
        golden.accept(new, person, "Twice.")


def test_after_an_exception_later_runs_are_measured_without_what_it_let_go(asked, lose, person):
    golden.run(asked, Cause.DEMAND)
    lose(asked, "Ferry")
    golden.accept(golden.run(asked, Cause.CHANGE), person, "In dock.")
    assert golden.run(asked, Cause.DEMAND).is_accepted
    lose(asked, "Berths")
    assert not golden.run(asked, Cause.CHANGE).is_accepted


def test_what_passed_by_chance_in_an_exception_is_not_demanded_afterwards(asked, expect, lose, teach, person):
    expect(asked, "When does the ferry sail to Lesser Hallow?", expects_nothing=True)
    golden.run(asked, Cause.DEMAND)
    lose(asked, "Ferry")
    golden.accept(golden.run(asked, Cause.CHANGE), person, "In dock.")
    teach(asked, "Ferry", samples.HARBOUR["Ferry"])
    assert golden.run(asked, Cause.CHANGE).is_accepted


def test_a_persona_without_golden_questions_can_be_published(harbour):
    Persona.objects.update(status="draft")
    publishing.publish(harbour)
    assert GoldenRun.objects.count() == 0


def test_what_decides_answers_is_saved_before_publishing_not_with_it(asked):
    Persona.objects.filter(pk=asked.pk).update(status=Persona.Status.DRAFT)
    golden.run(asked, GoldenRun.Cause.DEMAND)
    assert publishing.objections(asked, changed=["tagline"]) == []
    [objection] = publishing.objections(asked, changed=["tagline", "strictness"])
    assert "Save it as a draft first" in objection.sentence


def test_questions_not_asked_since_the_last_change_are_asked_before_publishing(asked, person):
    publishing.publish(asked, person)
    made = GoldenRun.objects.get()
    assert (made.cause, made.by) == (Cause.PUBLICATION, person)


def test_a_worse_run_keeps_the_persona_a_draft_and_says_what_to_do(asked, lose):
    golden.run(asked, Cause.DEMAND)
    lose(asked, "Ferry")
    with pytest.raises(
        publishing.NotYet, match="a golden question fails that passed in the last accepted run"
    ) as refusal:
        publishing.publish(asked)
    assert refusal.value.objections[0].address.endswith(f"{asked.pk}/golden/")
    assert not Persona.objects.get(pk=asked.pk).is_published


def test_very_many_questions_are_asked_by_a_worker_and_the_door_says_so(asked, monkeypatch):
    monkeypatch.setattr(golden, "AT_ONCE", 1)
    with pytest.raises(publishing.NotYet, match="being asked now"):
        publishing.publish(asked)
    tasks.run_golden_questions(str(asked.pk), Cause.PUBLICATION)
    publishing.publish(asked)


def test_a_change_of_the_documents_has_the_questions_asked(asked, lose):
    lose(asked, "Ferry")
    made = GoldenRun.objects.get()
    assert (made.cause, made.passed) == (Cause.CHANGE, 1)
    assert made.version == Library.objects.read_version(asked.pk)


def test_a_document_that_was_read_has_the_questions_asked(asked, django_capture_on_commit_callbacks):
    document = ingestion.receive(asked, "Town", text="The pharmacy is in Mill Street.")
    with django_capture_on_commit_callbacks(execute=True):
        tasks.read_document(str(document.pk))
    assert GoldenRun.objects.get().cause == Cause.CHANGE


def test_several_changes_in_a_row_are_one_reason_to_ask(asked, teach):
    first = Library.objects.read_version(asked.pk)
    teach(asked, "Town", "The pharmacy is in Mill Street.")
    for version in (first, first + 1, first + 1):
        tasks.ask_after_change(str(asked.pk), version)
    assert GoldenRun.objects.count() == 1


def test_while_more_documents_are_on_their_way_nothing_is_asked(asked):
    ingestion.receive(asked, "Town", text="The pharmacy is in Mill Street.")
    tasks.ask_after_change(str(asked.pk), Library.objects.read_version(asked.pk))
    assert GoldenRun.objects.count() == 0


def test_what_was_not_asked_for_want_of_a_broker_is_asked_by_the_sweep(
    asked, lose, monkeypatch, django_capture_on_commit_callbacks
):
    with monkeypatch.context() as broken:

        def refuse(*_, **__):
            raise OperationalError("no broker")

        broken.setattr(tasks.ask_after_change, "apply_async", refuse)
        lose(asked, "Ferry")
    assert GoldenRun.objects.count() == 0
    broker.reset()  # its half minute is over
    Library.objects.update(changed_at="2020-01-01T00:00:00Z")
    with django_capture_on_commit_callbacks(execute=True):
        tasks.take_up_waiting_documents()
    assert GoldenRun.objects.count() == 1


def test_a_document_with_a_new_title_is_expected_under_it(asked):
    document = asked.documents.get(title="Ferry")
    document.title = "Island ferry"
    document.save()
    assert asked.golden_questions.filter(document="Island ferry").count() == 1


def test_a_new_version_that_calls_itself_otherwise_is_expected_under_its_new_title(harbour, expect, teach, upload):
    teach(harbour, "", file=upload("fees.html", b"<title>Fees 2025</title><p>The crane costs 95 euros.</p>"))
    expect(harbour, "What does the crane cost?", "Fees 2025", "95 euros")
    golden.run(harbour, Cause.DEMAND)
    teach(harbour, "", file=upload("fees.html", b"<title>Fees 2026</title><p>The crane still costs 95 euros.</p>"))
    made = golden.run(harbour, Cause.CHANGE)
    assert (made.passed, made.outcomes[0]["document"]) == (1, "Fees 2026")


def test_a_new_title_does_not_excuse_what_a_new_version_lost(harbour, expect, teach, upload):
    teach(harbour, "", file=upload("fees.html", b"<title>Fees 2025</title><p>The crane costs 95 euros.</p>"))
    expect(harbour, "What does the crane cost?", "Fees 2025", "95 euros")
    golden.run(harbour, Cause.DEMAND)
    teach(harbour, "", file=upload("fees.html", b"<title>Fees 2026</title><p>Boats are welcome.</p>"))
    assert not golden.run(harbour, Cause.CHANGE).is_accepted


def test_a_title_that_another_document_still_has_is_not_followed(asked, teach):
    second = teach(asked, "Ferry", "The ferry to the mainland sails at ten.")
    second.title = "Mainland ferry"
    second.save()
    assert asked.golden_questions.filter(document="Ferry").count() == 1


def test_old_runs_go_but_never_the_one_that_counts(asked, lose, monkeypatch):
    monkeypatch.setattr(golden, "MOST_RUNS", 2)
    accepted = golden.run(asked, Cause.DEMAND)
    lose(asked, "Ferry")
    for _ in range(4):
        golden.run(asked, Cause.DEMAND)
    assert GoldenRun.objects.count() == 3
    assert golden.last_accepted(asked) == accepted


def test_no_question_is_written_to_the_log(asked, caplog):
    caplog.set_level("DEBUG")
    golden.run(asked, Cause.DEMAND)
    assert "night cost" not in caplog.text


def test_the_command_shows_what_fails_and_ends_with_an_error_when_it_is_worse(asked, lose, capsys):
    call_command("ask_golden_questions", asked.slug)
    assert "Maren: 2 of 2 pass." in capsys.readouterr().out
    lose(asked, "Ferry")
    with pytest.raises(CommandError, match="Worse than before: Maren"):
        call_command("ask_golden_questions")
    assert "WORSE When does the ferry sail to the island?" in capsys.readouterr().out


def test_the_command_names_the_personas_there_are(asked):
    with pytest.raises(CommandError, match="There are: maren"):
        call_command("ask_golden_questions", "nobody")


def test_the_command_says_when_there_is_nothing_to_ask(harbour, capsys):
    call_command("ask_golden_questions", harbour.slug)
    assert "no golden questions" in capsys.readouterr().out


def test_a_question_that_follows_on_others_is_asked_after_them(harbour, expect):
    expect(harbour, "And in winter?", "Berths", "16 euros", earlier=["What does a night in a berth cost?"])
    assert golden.run(harbour, Cause.DEMAND).passed == 1
