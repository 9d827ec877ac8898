"""Pages and what their scripts send: typed questions, threads, documents, and other people's things."""

import io
import json
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session as BrowserSession
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from knowledge import ingestion
from knowledge.models import Address, Document
from voice import presentation, tasks
from voice.models import Conversation, Session, ToolCall, Turn
from voice.views.sorry import away

pytestmark = pytest.mark.django_db
TEXT = "The ferry to Gull Island leaves at nine in the morning from pier two. It returns at five."
LINES = {"Accept": "application/x-ndjson"}


@pytest.fixture
def knowing(persona):
    ingestion.ingest(ingestion.receive(persona, "Timetable", text=TEXT))
    return persona


def say(client, persona, text, **data):
    response = client.post(f"/chat/{persona.slug}/say/", {"text": text, **data}, headers=LINES)
    if response.status_code != 200:
        return response
    return [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]


def heard(client, session, *events):
    body = {"session": session.elevenlabs_conversation_id, "events": events}
    return client.post(f"/chat/{session.conversation.persona.slug}/voice/heard/", body, content_type="application/json")


def become(client, conversation):
    """Be the visitor whose thread this is."""
    session = client.session
    session["visitor"] = str(conversation.visitor)
    session.save()


def test_the_list_shows_published_personas_and_no_drafts(client, persona, make_persona):
    make_persona("Secret adviser", status="draft")
    page = client.get("/").content.decode()
    assert "Harbour guide" in page
    assert "Secret adviser" not in page


def test_a_draft_has_no_page_for_visitors_but_one_for_staff(client, make_persona):
    draft = make_persona("Secret adviser", status="draft")
    assert client.get(f"/chat/{draft.slug}/").status_code == 404
    client.force_login(User.objects.create_superuser("anna"))
    assert client.get(f"/chat/{draft.slug}/").status_code == 200


def test_a_typed_question_gets_its_answer_with_a_citation(client, knowing):
    asked, answered = say(client, knowing, "When does the ferry leave?")
    assert asked["turn"]["speaker"] == "visitor"
    assert "nine in the morning" in answered["turn"]["text"]
    (citation, *_) = answered["turn"]["citations"]
    assert citation["document"] == "Timetable"
    assert client.get(citation["url"].split("#")[0]).status_code == 200


def test_the_thread_is_there_after_a_reload(client, knowing):
    say(client, knowing, "When does the ferry leave?")
    page = client.get(f"/chat/{knowing.slug}/").content.decode()
    assert "When does the ferry leave?" in page
    assert "nine in the morning" in page


def test_without_a_script_a_question_leads_back_to_the_page_with_its_answer(client, knowing):
    response = client.post(f"/chat/{knowing.slug}/say/", {"text": "When does the ferry leave?"}, follow=True)
    assert "nine in the morning" in response.content.decode()


def test_without_a_script_a_refusal_is_a_sentence_on_the_page(client, knowing):
    page = client.post(f"/chat/{knowing.slug}/say/", {"text": "  "}, follow=True).content.decode()
    assert "Write your question first." in page


def test_an_uploaded_picture_is_shown_and_a_missing_one_is_not_found(client, knowing):
    assert client.get(f"/chat/{knowing.slug}/avatar/").status_code == 404
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(picture, "PNG")
    knowing.avatar.save("face.png", ContentFile(picture.getvalue()))
    response = client.get(f"/chat/{knowing.slug}/avatar/")
    assert response["Content-Type"] == "image/png"
    assert b"".join(response.streaming_content) == picture.getvalue()
    assert f"/chat/{knowing.slug}/avatar/" in client.get(f"/chat/{knowing.slug}/").content.decode()


def test_a_drafts_picture_is_kept_by_no_cache_on_the_way(client, knowing):
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(picture, "PNG")
    knowing.avatar.save("face.png", ContentFile(picture.getvalue()))
    assert "public" in client.get(f"/chat/{knowing.slug}/avatar/")["Cache-Control"]
    type(knowing).objects.filter(pk=knowing.pk).update(status="draft")
    client.force_login(User.objects.create_superuser("anna"))
    assert client.get(f"/chat/{knowing.slug}/avatar/")["Cache-Control"] == "private, no-store"


def test_a_page_that_lost_its_token_is_told_to_reload(persona):
    response = Client(enforce_csrf_checks=True).post(f"/chat/{persona.slug}/new/")
    assert response.status_code == 403
    assert "Reload it and try again" in response.content.decode()


def test_the_same_question_sent_twice_by_a_shaky_line_is_asked_once(client, knowing):
    first = say(client, knowing, "When does the ferry leave?", key="k1")
    second = say(client, knowing, "When does the ferry leave?", key="k1")
    assert [line["turn"]["id"] for line in first] == [line["turn"]["id"] for line in second]
    assert Turn.objects.count() == 2


def test_a_new_conversation_leaves_the_old_one_kept(client, knowing):
    say(client, knowing, "When does the ferry leave?")
    client.post(f"/chat/{knowing.slug}/new/")
    assert "When does the ferry leave?" not in client.get(f"/chat/{knowing.slug}/").content.decode()
    assert Conversation.objects.count() == 2


@pytest.mark.parametrize("text", ["", "   ", "\x00\u202e", "a" * 1001])
def test_a_question_that_is_none_is_refused_with_a_sentence_and_nothing_is_kept(client, knowing, text):
    response = say(client, knowing, text)
    assert response.status_code == 400
    assert response.json()["error"]["message"].endswith((".", "questions."))
    assert not Turn.objects.exists()


def test_control_characters_are_taken_out_of_a_question(client, knowing):
    asked, _ = say(client, knowing, "When does\x00 the \u202eferry leave?")
    assert asked["turn"]["text"] == "When does the ferry leave?"


def test_a_flood_of_questions_is_slowed_down(client, knowing):
    answers = [say(client, knowing, f"Ferry number {number}?") for number in range(32)]
    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"]


def test_a_page_from_elsewhere_cannot_ask_in_a_visitors_name(persona):
    response = Client(enforce_csrf_checks=True).post(f"/chat/{persona.slug}/say/", {"text": "Hello?"}, headers=LINES)
    assert response.status_code == 403


def test_a_passage_is_shown_marked_in_its_document(client, knowing):
    document = knowing.documents.get()
    start = TEXT.index("It returns")
    page = client.get(f"/chat/{knowing.slug}/documents/{document.pk}/?start={start}&end={start + 10}").content.decode()
    assert ">It returns</mark>" in page


def test_a_quote_is_marked_where_it_stands_after_the_document_has_changed(client, knowing):
    document = knowing.documents.get()
    start = TEXT.index("It returns")
    citation = {"document_id": document.pk, "passage_id": 1, "start": start, "end": start + 10, "quote": "It returns"}
    address = presentation.citations([citation], knowing)[0]["url"]
    Document.objects.filter(pk=document.pk).update(text=f"New beginning. {TEXT}")
    document.passages.all().delete()
    page = client.get(address).content.decode()
    assert ">It returns</mark>" in page
    assert "has changed" not in page


def test_a_quote_that_is_gone_from_the_document_is_said_to_be_gone(client, knowing):
    document = knowing.documents.get()
    Document.objects.filter(pk=document.pk).update(
        text="Everything is different now, and long enough to hold the place."
    )
    page = client.get(f"/chat/{knowing.slug}/documents/{document.pk}/?start=3&end=13&quote=It+returns").content.decode()
    assert "This document has changed since it was cited" in page
    assert "</mark>" not in page


def test_a_document_from_the_web_leads_to_its_page_there(client, knowing):
    document = knowing.documents.get()
    Address.objects.create(document=document, url="https://example.org/a?b=1&c=2")
    page = client.get(f"/chat/{knowing.slug}/documents/{document.pk}/").content.decode()
    assert 'href="https://example.org/a?b=1&amp;c=2" rel="noopener' in page


@pytest.mark.parametrize(
    "query", ["passage=x", "passage=-1", "passage=99999999999999999999", "start=5&end=2", "start=1&end=99999999"]
)
def test_a_place_that_is_not_there_shows_the_document_unmarked(client, knowing, query):
    document = knowing.documents.get()
    response = client.get(f"/chat/{knowing.slug}/documents/{document.pk}/?{query}")
    assert response.status_code == 200
    assert "</mark>" not in response.content.decode()


def test_a_document_is_not_shown_under_another_persona(client, knowing, make_persona):
    other, document = make_persona("Lighthouse keeper"), knowing.documents.get()
    assert client.get(f"/chat/{other.slug}/documents/{document.pk}/").status_code == 404
    assert client.get(f"/chat/{other.slug}/documents/{document.pk}/file/").status_code == 404


def test_what_was_heard_in_a_call_stands_in_the_thread(client, session):
    become(client, session.conversation)
    heard(
        client,
        session,
        {"kind": "visitor", "key": "1", "text": "When does it leave?"},
        {"kind": "persona", "key": "2", "text": "At nine."},
    )
    assert [turn.text for turn in session.conversation.turns.all()] == ["When does it leave?", "At nine."]


def test_the_same_event_twice_is_kept_once(client, session):
    become(client, session.conversation)
    event = {"kind": "visitor", "key": "1", "text": "When does it leave?"}
    heard(client, session, event)
    heard(client, session, event)
    assert Turn.objects.count() == 1


def test_what_was_looked_up_stands_on_the_turn_that_follows_and_on_no_other(client, session, looked_up):
    become(client, session.conversation)
    looked_up(session)
    waiting = heard(client, session, {"kind": "tool"}).json()
    assert [citation["document"] for citation in waiting["citations"]] == ["Timetable"]
    assert waiting["looking_in"] == ["Timetable"]
    first = heard(client, session, {"kind": "persona", "key": "1", "text": "The ferry leaves at nine."}).json()
    second = heard(client, session, {"kind": "persona", "key": "2", "text": "Anything else?"}).json()
    assert [citation["document"] for citation in first["turns"][0]["citations"]] == ["Timetable"]
    assert second["turns"][0]["citations"] == []


def test_a_look_up_that_is_not_written_down_is_told_again_with_what_follows_it(client, session, looked_up):
    become(client, session.conversation)
    before = {"kind": "visitor", "key": "v1", "text": "When does the ferry leave?"}
    tool, said = {"kind": "tool", "after": 0}, {"kind": "persona", "key": "p1", "text": "The ferry leaves at nine."}
    early = heard(client, session, before, tool, said).json()
    assert (early["taken"], early["seen"], len(early["turns"])) == (1, 0, 1)
    call = looked_up(session)
    answer = heard(client, session, tool, said).json()
    assert (answer["taken"], answer["seen"]) == (2, call.pk)
    assert [one["document"] for one in answer["turns"][0]["citations"]] == ["Timetable"]


def test_a_page_that_only_lives_on_costs_as_many_queries_late_in_a_call_as_early(
    client, session, looked_up, django_assert_num_queries
):
    become(client, session.conversation)
    for number in range(1, 4):
        looked_up(session)
        heard(client, session, {"kind": "persona", "key": f"p{number}", "text": "The ferry leaves at nine."})
        with django_assert_num_queries(5):
            heard(client, session)


def test_a_look_up_that_found_nothing_holds_up_no_page(client, session, looked_up):
    become(client, session.conversation)
    call = looked_up(session)
    ToolCall.objects.update(citations=[], outcome="nothing")
    assert heard(client, session, {"kind": "tool", "after": call.pk - 1}).json()["taken"] == 1
    assert heard(client, session, {"kind": "tool", "after": call.pk}).json()["taken"] == 0


@pytest.mark.parametrize("after", [None, "7", -1, 2**63, True, [1]])
def test_a_page_that_does_not_say_what_it_had_seen_is_not_held_up(client, session, after):
    become(client, session.conversation)
    assert heard(client, session, {"kind": "tool", "after": after}).json()["taken"] == 1


def test_after_an_interruption_only_what_was_heard_is_shown_and_cited(client, session, looked_up):
    become(client, session.conversation)
    looked_up(session)
    heard(client, session, {"kind": "persona", "key": "1", "text": "Well, let me see. The ferry leaves at nine."})
    cut = heard(client, session, {"kind": "correction", "key": "1", "text": "Well, let me"}).json()
    (turn,) = cut["turns"]
    assert (turn["text"], turn["interrupted"], turn["citations"]) == ("Well, let me", True, [])
    assert turn["full_text"] == "Well, let me see. The ferry leaves at nine."


@pytest.mark.parametrize(
    "events",
    ["x", [7], [{"kind": "nonsense"}], [{"kind": "visitor", "key": "1"}], [{"kind": "visitor", "text": "a"}],
     [{"kind": "persona", "key": "x" * 41, "text": "a"}], [{"kind": "visitor", "key": "1", "text": "a" * 5001}], [{"kind": "tool"}] * 51],
)  # fmt: skip
def test_events_of_a_wrong_shape_are_refused_and_nothing_is_kept(client, session, events):
    become(client, session.conversation)
    body = {"session": "conv_1", "events": events}
    response = client.post("/chat/harbour-guide/voice/heard/", body, content_type="application/json")
    assert response.status_code == 400
    assert not Turn.objects.exists()


def test_nobody_writes_into_or_ends_another_visitors_call(client, session):
    assert heard(client, session, {"kind": "visitor", "key": "1", "text": "I was here."}).status_code == 404
    body = {"session": "conv_1"}
    assert client.post("/chat/harbour-guide/voice/end/", body, content_type="application/json").status_code == 404
    assert Session.objects.get().ended_at is None


def test_an_address_that_does_not_exist_says_so(client, db):
    assert "There is nothing at this address" in client.get("/nothing/here/").content.decode()


def test_a_persona_that_does_not_exist_is_not_found(client, db):
    assert client.get(f"/chat/{uuid.uuid4()}/").status_code == 404


def test_who_looks_by_machine_is_told_as_json_that_the_database_is_away(rf):
    assert away(rf.get("/readyz"))["Content-Type"] == "application/json"
    page = away(rf.get("/"))
    assert (page.status_code, page["Content-Type"]) == (503, "text/html; charset=utf-8")


def test_a_visit_that_is_over_is_forgotten_and_a_fresh_one_is_not(client, persona):
    client.get(f"/chat/{persona.slug}/")
    kept = client.session.session_key
    BrowserSession.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1))
    tasks.forget_expired_visits()
    assert [row.session_key for row in BrowserSession.objects.all()] == [kept]


def test_every_page_forbids_scripts_and_frames_of_others(client, persona):
    for address in ("/", f"/chat/{persona.slug}/", "/nothing/"):
        response = client.get(address)
        policy = response["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "blob:" not in policy
        assert response["X-Frame-Options"] == "DENY"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "microphone=(self)" in response["Permissions-Policy"]


def test_browsers_find_the_icon_where_they_look_for_it(client, db):
    assert client.get("/favicon.ico")["Location"].endswith("icon.svg")
