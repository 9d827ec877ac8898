"""The pages of the golden questions: what they show, what they do, and whom they refuse."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from knowledge import golden, ingestion
from knowledge.models import GoldenQuestion, GoldenRun
from personas.models import Persona

pytestmark = pytest.mark.django_db
ADDRESSES = {"golden": "get", "golden_run_now": "post", "golden_export": "get", "golden_import": "get"}


def address(name, persona, *more):
    return reverse(f"admin:knowledge_{name}", args=[persona.pk, *more])


@pytest.fixture
def asked(harbour):
    GoldenQuestion.objects.create(persona=harbour, question="What does a night cost?", document="Berths")
    GoldenQuestion.objects.create(persona=harbour, question="When does the ferry sail?", document="Ferry")
    return harbour


@pytest.fixture
def worse(asked):
    golden.run(asked, GoldenRun.Cause.DEMAND)
    ingestion.forget(asked.documents.get(title="Ferry"))
    return golden.run(asked, GoldenRun.Cause.CHANGE)


def test_without_questions_the_page_says_what_they_are_for_and_how_to_begin(admin_client, persona):
    page = admin_client.get(address("golden", persona)).content.decode()
    assert "No golden questions yet" in page
    assert f"goldenquestion/add/?persona={persona.pk}" in page


def test_the_page_shows_each_question_with_its_last_result(admin_client, worse, asked):
    page = admin_client.get(address("golden", asked)).content.decode()
    assert "There is no document titled “Ferry” that is ready." in page
    assert "1<span> of 2" in page
    assert "Passed before, and fail now" in page
    assert "cannot be published" in page


def test_results_over_time_are_drawn_and_stand_in_a_table_too(admin_client, worse, asked):
    page = admin_client.get(address("golden", asked)).content.decode()
    assert '<polyline class="line" points="48.0,12.0 708.0,92.0"' in page
    assert "point-worse" in page
    assert "2 runs as a table" in page
    assert "<desc" in page


def test_running_them_now_keeps_by_whom(admin_client, asked):
    page = admin_client.post(address("golden_run_now", asked), follow=True).content.decode()
    assert "2 of 2 pass" in page
    made = GoldenRun.objects.get()
    assert (made.cause, made.by.username) == ("demand", "admin")


def test_very_many_are_run_by_a_worker(admin_client, asked, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(golden, "AT_ONCE", 1)
    with django_capture_on_commit_callbacks(execute=True):
        page = admin_client.post(address("golden_run_now", asked), follow=True).content.decode()
    assert "are being asked" in page
    assert GoldenRun.objects.get().by.username == "admin"


def test_a_worse_run_is_accepted_with_a_reason_and_the_reason_stands_there(admin_client, worse, asked):
    data = {"reason": "The ferry is in dock."}
    page = admin_client.post(address("golden_accept", asked, worse.pk), data, follow=True).content.decode()
    assert "accepted by admin: The ferry is in dock." in page


def test_a_worse_run_is_not_accepted_without_a_reason(admin_client, worse, asked):
    page = admin_client.post(address("golden_accept", asked, worse.pk), {"reason": " "}, follow=True).content.decode()
    assert "Say why it may be worse" in page
    worse.refresh_from_db()
    assert not worse.is_accepted


def test_publishing_from_the_list_is_refused_with_the_way_to_the_page(admin_client, worse, asked):
    Persona.objects.update(status="draft")
    data = {"action": "publish", "_selected_action": [asked.pk]}
    page = admin_client.post(reverse("admin:personas_persona_changelist"), data, follow=True).content.decode()
    assert "It cannot be published yet: a golden question fails" in page
    assert address("golden", asked) in page
    assert not Persona.objects.get().is_published


def test_one_run_shows_every_answer(admin_client, worse, asked):
    page = admin_client.get(address("golden_run", asked, worse.pk)).content.decode()
    assert "A night costs 25 euros" in page


def test_another_personas_run_is_not_there(admin_client, worse, other):
    assert admin_client.get(address("golden_run", other, worse.pk)).status_code == 404
    assert admin_client.post(address("golden_accept", other, worse.pk), {"reason": "x"}).status_code == 404


def test_questions_go_out_and_come_in_as_csv(admin_client, asked):
    response = admin_client.get(address("golden_export", asked))
    assert response["Content-Disposition"] == 'attachment; filename="golden-questions-maren.csv"'
    file = SimpleUploadedFile("more.csv", response.content + b"Where is the bridge?,Bridge,,,\r\n")
    page = admin_client.post(address("golden_import", asked), {"file": file}, follow=True).content.decode()
    assert "Imported: 1 new, 0 changed, 0 removed." in page


def test_a_file_that_is_wrong_says_where_and_nothing_is_taken_in(admin_client, asked):
    file = SimpleUploadedFile("bad.csv", b"question,document\nWhen?,Weather\n")
    page = admin_client.post(address("golden_import", asked), {"file": file}).content.decode()
    assert "Row 2, column document" in page
    assert GoldenQuestion.objects.count() == 2


def test_a_question_is_added_at_the_end_and_back_one_is_among_the_others(admin_client, asked):
    add = reverse("admin:knowledge_goldenquestion_add")
    form = admin_client.get(add, {"persona": asked.pk}).context["adminform"].form
    assert form.initial["position"] == 3
    data = {"persona": asked.pk, "question": "Who has priority?", "document": "Bridge", "answers": "Trains\nThe trains", "earlier": "", "position": 3, "active": "on"}  # fmt: skip
    response = admin_client.post(add, data)
    assert response.url == address("golden", asked)
    assert GoldenQuestion.objects.get(question="Who has priority?").answers == ["Trains", "The trains"]


def test_a_question_cannot_expect_another_personas_document(admin_client, asked, other, teach):
    teach(other, "Tools", "A spanner turns nuts.")
    data = {"persona": asked.pk, "question": "What turns nuts?", "document": "Tools", "position": 1}
    page = admin_client.post(reverse("admin:knowledge_goldenquestion_add"), data).content.decode()
    assert "not one of that persona" in page


def test_a_renamed_document_is_expected_under_its_new_title(admin_client, asked):
    document = asked.documents.get(title="Ferry")
    admin_client.post(reverse("admin:knowledge_document_change", args=[document.pk]), {"title": "Island ferry"})
    assert GoldenQuestion.objects.filter(document="Island ferry").count() == 1


@pytest.mark.parametrize(("name", "method"), ADDRESSES.items())
def test_the_pages_are_closed_to_who_may_see_personas_only(clerk, asked, name, method):
    client = clerk("view_persona")
    assert getattr(client, method)(address(name, asked)).status_code == 403
    assert GoldenRun.objects.count() == 0


def test_who_may_look_may_not_run_accept_or_import(clerk, worse, asked):
    client = clerk("view_persona", "view_goldenquestion")
    page = client.get(address("golden", asked)).content.decode()
    assert "Run them now" not in page
    assert "You may not accept a run" in page
    assert client.post(address("golden_run_now", asked)).status_code == 403
    assert client.post(address("golden_accept", asked, worse.pk), {"reason": "x"}).status_code == 403
    assert client.post(address("golden_import", asked)).status_code == 403


def test_who_may_not_delete_cannot_replace(clerk, asked):
    client = clerk("view_persona", "view_goldenquestion", "add_goldenquestion", "change_goldenquestion")
    file = SimpleUploadedFile("new.csv", b"question\nWhen?\n")
    client.post(address("golden_import", asked), {"file": file, "replace": "on"})
    assert GoldenQuestion.objects.count() == 3


@pytest.mark.parametrize("name", ["golden_run_now", "golden_accept"])
def test_what_changes_something_is_not_done_by_looking(admin_client, worse, asked, name):
    more = [worse.pk] if name == "golden_accept" else []
    assert admin_client.get(address(name, asked, *more)).status_code == 405


def test_questions_are_shown_as_text_never_as_markup_without_inline_style(admin_client, harbour):
    GoldenQuestion.objects.create(persona=harbour, question="<img src=x onerror=alert(1)>?")
    for _ in range(2):
        golden.run(harbour, GoldenRun.Cause.DEMAND)
    page = admin_client.get(address("golden", harbour)).content.decode()
    assert "<img src=x" not in page
    assert " style=" not in page


def test_every_question_can_be_tried_with_what_was_asked_before_it(admin_client, harbour):
    GoldenQuestion.objects.create(
        persona=harbour, question="And in winter?", earlier=["What is it?", "What does it cost?"]
    )
    page = admin_client.get(address("golden", harbour)).content.decode()
    assert "try/?question=And+in+winter%3F&amp;earlier=What+is+it%3F%0AWhat+does+it+cost%3F" in page
