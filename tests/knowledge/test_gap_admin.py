"""The pages of unanswered questions: question → knowledge → asked again → closed."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from knowledge.models import Asked, Document, Gap

pytestmark = pytest.mark.django_db
LIST = "admin:knowledge_gap_changelist"
PHARMACY = "where is the nearest pharmacy"
ANSWER = "Where is the nearest pharmacy?\n\nThe nearest pharmacy is in Mill Street. It opens at eight."


@pytest.fixture
def gap(harbour):
    for question in (PHARMACY, "Where can I find the nearest pharmacy?"):
        Asked.objects.create(persona=harbour, question=question, channel="typed", found=False, reason="too thin")
    return lambda: Gap.objects.get()


@pytest.fixture
def listed(gap, admin_client):
    """The gap as it is once the list was looked at."""
    admin_client.get(reverse(LIST))
    return gap


def address(name, gap):
    return reverse(f"admin:knowledge_gap_{name}", args=[gap.pk])


def test_the_list_gathers_what_was_asked_in_vain_and_counts_it(admin_client, gap):
    page = admin_client.get(reverse(LIST)).content.decode()
    assert "1 unanswered question" in page
    assert '<td class="field-count">2</td>' in page


def test_a_gap_that_is_searched_for_is_counted_as_before(admin_client, listed):
    for word in ("pharmacy", "nearest", "find"):
        page = admin_client.get(reverse(LIST), {"q": word}).content.decode()
        assert '<td class="field-count">2</td>' in page


def test_an_empty_list_says_what_will_stand_there(admin_client, db):
    assert "gathered here" in admin_client.get(reverse(LIST)).content.decode()


def test_the_list_shows_the_open_ones_and_others_when_asked(admin_client, listed):
    Gap.objects.update(status="dismissed", reason="Not our town.")
    assert "0 unanswered questions" in admin_client.get(reverse(LIST)).content.decode()
    assert "Not our town." in admin_client.get(reverse(LIST), {"status": "dismissed"}).content.decode()


def test_the_list_costs_the_same_however_long_it_is(admin_client, harbour, listed, django_assert_max_num_queries):
    for number in range(15):
        Asked.objects.create(persona=harbour, question=f"Who is number {number}?", channel="typed", found=False)
    admin_client.get(reverse(LIST))
    with django_assert_max_num_queries(12):
        admin_client.get(reverse(LIST))


def test_the_persona_says_how_many_are_open(admin_client, listed):
    page = admin_client.get(reverse("admin:personas_persona_changelist")).content.decode()
    assert f'<td class="field-unanswered"><a href="{reverse(LIST)}?persona__id__exact=' in page


def test_the_page_shows_every_wording_and_what_comes_back_now(admin_client, listed):
    page = admin_client.get(address("change", listed())).content.decode()
    assert "Where can I find the nearest pharmacy?" in page
    assert "The documents do not answer it." in page
    assert "too thin" in page


def test_what_is_written_is_read_asked_again_and_closes_it(admin_client, listed, django_capture_on_commit_callbacks):
    form = admin_client.get(address("fill", listed()))
    assert "Where is the nearest pharmacy?" in form.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(address("fill", listed()), {"title": "Pharmacy", "text": ANSWER})
    found = listed()
    assert (found.status, found.document.title) == ("closed", "Pharmacy")
    assert "answers it" in admin_client.get(address("change", found)).content.decode()


def test_the_question_alone_is_no_answer(admin_client, listed):
    page = admin_client.post(
        address("fill", listed()), {"title": "Pharmacy", "text": "Where is the nearest pharmacy?\n\n"}
    )
    assert "Write the answer under it" in page.content.decode()
    assert not Document.objects.filter(title="Pharmacy").exists()


def test_the_same_answer_twice_is_said(admin_client, listed):
    for _ in range(2):
        page = admin_client.post(address("fill", listed()), {"title": "Pharmacy", "text": ANSWER})
    assert "is there already" in page.content.decode()


def test_asking_again_in_vain_leaves_it_open(admin_client, listed):
    page = admin_client.post(address("ask", listed()), follow=True).content.decode()
    assert "0 of 2 wordings are answered" in page


def test_many_are_asked_again_at_once_from_the_list(admin_client, listed, harbour, teach):
    teach(harbour, "Pharmacy", ANSWER)
    data = {"action": "ask_again", "_selected_action": [listed().pk]}
    assert "1 of 1 answered now" in admin_client.post(reverse(LIST), data, follow=True).content.decode()
    assert listed().status == "closed"


def test_no_more_are_asked_again_at_once_than_somebody_can_wait_for(admin_client, listed, harbour, monkeypatch):
    monkeypatch.setattr("knowledge.admin.gaps.ASKED_AT_ONCE", 1)
    Asked.objects.create(persona=harbour, question="Who won the regatta?", channel="typed", found=False)
    admin_client.get(reverse(LIST))
    data = {"action": "ask_again", "_selected_action": [gap.pk for gap in Gap.objects.all()]}
    assert "Only the first 1 of 2 were asked." in admin_client.post(reverse(LIST), data, follow=True).content.decode()


def test_it_is_dismissed_with_a_reason_and_opened_again(admin_client, listed):
    admin_client.post(address("dismiss", listed()), {"reason": ""})
    assert listed().is_open
    page = admin_client.post(address("dismiss", listed()), {"reason": "Not our town."}, follow=True).content.decode()
    assert "Not our town." in page
    admin_client.post(address("reopen", listed()))
    assert listed().is_open


def test_the_admin_remembers_what_was_done_and_not_what_was_asked(admin_client, listed):
    gap = listed()
    admin_client.post(address("dismiss", gap), {"reason": "Not our town."})
    admin_client.post(address("fill", gap), {"title": PHARMACY, "text": ANSWER})
    admin_client.post(reverse("admin:knowledge_gap_delete", args=[gap.pk]), {"post": "yes"})
    entries = LogEntry.objects.filter(content_type__model="gap").values_list("object_repr", "change_message")
    assert {name for name, _ in entries} == {f"#{gap.pk}"}
    assert len(entries) == 3
    assert "pharmacy" not in str(list(entries)).lower()


def test_who_may_only_look_changes_nothing(admin_client, listed, clerk):
    client, gap = clerk("view_gap"), listed()
    page = client.get(address("change", gap)).content.decode()
    assert "Ask again" not in page
    assert "Add to knowledge" not in page
    for name in ("ask", "dismiss", "reopen", "fill"):
        assert client.post(address(name, gap), {"reason": "x"}).status_code == 403
    assert client.post(reverse(LIST), {"action": "ask_again", "_selected_action": [gap.pk]}).status_code in (200, 302)
    assert listed().is_open


def test_the_pages_are_closed_to_everybody_else(admin_client, listed, clerk):
    client, gap = clerk("view_persona"), listed()
    for name in ("change", "fill"):
        assert client.get(address(name, gap)).status_code == 403
    assert client.get(reverse(LIST)).status_code == 403


def test_nothing_is_done_by_looking(admin_client, listed):
    for name in ("ask", "dismiss", "reopen"):
        assert admin_client.get(address(name, listed())).status_code == 405


def test_questions_are_shown_as_text_never_as_markup(admin_client, harbour):
    Asked.objects.create(persona=harbour, question="<img src=x onerror=alert(1)>", channel="typed", found=False)
    assert "<img src=x" not in admin_client.get(reverse(LIST)).content.decode()
    page = admin_client.get(address("change", Gap.objects.get())).content.decode()
    assert "<img src=x" not in page
    assert " style=" not in page
