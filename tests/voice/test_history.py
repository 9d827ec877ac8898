"""What a visitor talked about before: theirs alone, found again, and deleted for good."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge import caching
from knowledge.models import Asked
from tests.voice.test_views import become, heard, say
from voice import conversations, history, journal, sessions, tools
from voice.models import Conversation, Delivery, Forgotten, Session, ToolCall, Turn

pytestmark = pytest.mark.django_db


@pytest.fixture
def tell():
    """A thread of that visitor in which these questions were typed."""

    def tell(persona, visitor, *questions, hours_ago=0, user=None, **fields):
        at = timezone.now() - timedelta(hours=hours_ago)
        dates = dict.fromkeys(("started_at", "last_turn_at", "taken_up_at"), at)
        thread = Conversation.objects.create(persona=persona, visitor=visitor, user=user, **dates)
        for number, text in enumerate(questions):
            defaults = {"speaker": "visitor", "channel": "typed", "text": text, "at": at}
            Turn.objects.create(conversation=thread, key=f"typed:{number}", **{**defaults, **fields})
        return thread

    return tell


@pytest.fixture
def mine(client, persona, tell):
    """A thread of the visitor who asks by `client`."""
    thread = tell(persona, uuid.uuid4(), "When does the ferry leave?")
    become(client, thread)
    return thread


def shown(client, **asked):
    """The first questions on the page of one's conversations, in order."""
    return [one.first_question for one in client.get("/conversations/", asked).context["found"]]


def test_conversations_are_listed_newest_first_with_what_tells_them_apart(client, mine, tell, make_persona):
    other = make_persona("Lamp keeper")
    tell(other, mine.visitor, "Who keeps the lamp?", hours_ago=2, channel="spoken")
    assert shown(client) == ["When does the ferry leave?", "Who keeps the lamp?"]
    page = client.get("/conversations/").content.decode()
    assert all(words in page for words in ("Harbour guide", "Lamp keeper", "typed", "spoken", "1 thing said"))


def test_a_thread_in_which_nothing_was_said_is_not_listed(client, mine):
    client.post(f"/chat/{mine.persona.slug}/new/")
    assert shown(client) == ["When does the ferry leave?"]


def test_somebody_elses_conversations_are_neither_listed_nor_found(client, mine, tell):
    tell(mine.persona, uuid.uuid4(), "A stranger's ferry?")
    assert shown(client) == ["When does the ferry leave?"]
    assert shown(client, q="ferry") == ["When does the ferry leave?"]


def test_who_is_signed_in_finds_what_they_talked_about_elsewhere(client, persona, tell):
    anna, bob = User.objects.create_user("anna"), User.objects.create_user("bob")
    tell(persona, uuid.uuid4(), "Anna's question", user=anna)
    tell(persona, uuid.uuid4(), "Bob's question", user=bob)
    client.force_login(anna)
    assert shown(client) == ["Anna's question"]


def test_a_search_finds_the_thread_in_which_all_the_words_were_said(client, mine, tell):
    tell(mine.persona, mine.visitor, "Who keeps the lamp?", "And the keys?")
    assert shown(client, q="KEYS lamp") == ["Who keeps the lamp?"]
    assert shown(client, q="lamp ferry") == []
    assert shown(client, q="100% _") == []


def test_the_list_can_be_of_one_persona(client, mine, tell, make_persona):
    other = make_persona("Lamp keeper")
    tell(other, mine.visitor, "Who keeps the lamp?")
    assert shown(client, persona=other.slug) == ["Who keeps the lamp?"]


@pytest.mark.parametrize("odd", ["\0", "../..", "x" * 3000, "9" * 40, "-1", "\u202e"])
def test_no_odd_search_is_a_fault(client, mine, odd):
    assert client.get("/conversations/", {"q": odd, "persona": odd, "page": odd}).status_code == 200


def test_many_conversations_come_page_by_page_with_as_many_queries_as_few(client, mine, tell):
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/conversations/")
    for number in range(44):
        tell(mine.persona, mine.visitor, f"Question {number}", hours_ago=number + 1)
    with CaptureQueriesContext(connection) as many:
        page = client.get("/conversations/", {"page": 2})
    assert [one.first_question for one in page.context["found"]] == [f"Question {n}" for n in range(19, 39)]
    assert "Page 2 of 3" in page.content.decode()
    assert len(many) == len(few)


def test_an_earlier_thread_is_opened_and_taken_up_again(client, mine, tell):
    newer = tell(mine.persona, mine.visitor, "Who keeps the lamp?", hours_ago=-1)
    address = f"/chat/{mine.persona.slug}/"
    assert client.get(address).context["conversation"] == newer
    assert client.get(f"{address}{mine.pk}/").context["conversation"] == mine
    assert client.get(address).context["conversation"] == newer
    Conversation.objects.update(taken_up_at=timezone.now() - timedelta(minutes=1))
    say(client, mine.persona, "And back?", thread=str(mine.pk))
    assert mine.turns.filter(speaker="visitor").count() == 2
    assert client.get(address).context["conversation"] == mine


def test_a_question_goes_into_the_thread_its_page_shows_although_another_was_begun_since(client, mine):
    client.post(f"/chat/{mine.persona.slug}/new/")
    say(client, mine.persona, "And back?", thread=str(mine.pk))
    assert list(mine.turns.filter(speaker="visitor").values_list("text", flat=True))[-1] == "And back?"


def test_what_is_heard_late_of_a_call_does_not_put_its_thread_before_a_newer_one(client, session):
    become(client, session.conversation)
    client.post(f"/chat/{session.conversation.persona.slug}/new/")
    heard(client, session, {"kind": "persona", "key": "p1", "text": "Good day."})
    latest = conversations.latest(session.conversation.persona, session.conversation.visitor)
    assert latest != session.conversation


@pytest.mark.parametrize("door", ["say/", "voice/start/", "rate/"])
def test_nobody_asks_calls_or_rates_in_anothers_thread(client, mine, tell, door):
    other = tell(mine.persona, uuid.uuid4(), "A secret?")
    told = {"thread": str(other.pk), "text": "Hello?", "rating": 5}
    address = f"/chat/{mine.persona.slug}/{door}"
    answer = client.post(address, told, content_type="application/json", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert other.turns.count() == 1
    assert Session.objects.count() == 0


@pytest.mark.parametrize("thread", ["x", "00000000-0000-0000-0000-000000000000", 7, {"a": 1}])
def test_a_thread_that_is_not_there_is_refused_with_a_sentence_and_nothing_is_begun(client, mine, thread):
    told = {"thread": thread, "text": "Hello?"}
    answer = client.post(
        f"/chat/{mine.persona.slug}/say/", told, content_type="application/json", headers={"Accept": "application/json"}
    )
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "thread_gone"
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize(
    "path", ["/chat/harbour-guide/{}/", "/conversations/{}/delete/", "/chat/harbour-guide/transcript.txt?thread={}"]
)
def test_nobody_opens_saves_or_deletes_anothers_thread(client, mine, tell, path):
    other = tell(mine.persona, uuid.uuid4(), "A secret?")
    assert client.get(path.format(other.pk)).status_code == 404
    assert client.post(path.format(other.pk)).status_code in (404, 405)
    assert Conversation.objects.filter(pk=other.pk).exists()


def test_a_thread_is_not_opened_under_another_persona(client, mine, make_persona):
    assert client.get(f"/chat/{make_persona().slug}/{mine.pk}/").status_code == 404


def test_looking_at_the_question_whether_to_delete_deletes_nothing_and_says_what_would_go(client, mine):
    Session.objects.create(conversation=mine, elevenlabs_conversation_id="conv_1")
    page = client.get(f"/conversations/{mine.pk}/delete/").content.decode()
    assert "When does the ferry leave?" in page and "1 call, with its recording" in page
    assert "ElevenLabs, which carried the call, has a copy of its own" in page and "90 days" in page
    assert Conversation.objects.filter(pk=mine.pk).exists()


def test_of_a_typed_thread_nothing_is_said_to_stay_elsewhere(client, mine):
    assert "ElevenLabs" not in client.get(f"/conversations/{mine.pk}/delete/").content.decode()


def test_a_deleted_thread_leaves_no_row_and_no_file(client, session, looked_up, django_capture_on_commit_callbacks):
    thread, persona = session.conversation, session.conversation.persona
    become(client, thread)
    looked_up(session)
    say(client, persona, "Where is Mrs Miller's boat?", thread=str(thread.pk))
    heard(client, session, {"kind": "persona", "key": "p1", "text": "It leaves at nine."})
    session.recording.save("1.wav", ContentFile(b"RIFF"))
    file = session.recording.storage, session.recording.name
    Delivery.objects.create(kind="post_call_transcription", subject="conv_1", body='{"Miller": 1}')
    sessions.remember(session, persona)
    caching.remember(tools.thread_key("conv_1"), b'["Miller"]', 60)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(f"/conversations/{thread.pk}/delete/", follow=True)
    assert "The conversation was deleted." in answer.content.decode()
    assert not file[0].exists(file[1])
    for model in (Conversation, Session, Turn, ToolCall, Delivery, Asked):
        assert not model.objects.exists(), model
    assert Forgotten.objects.get().elevenlabs_conversation_id == "conv_1"
    assert caching.recall_fact(tools.thread_key("conv_1")) is None
    assert caching.recall_fact(tools.live_key("conv_1")) is None


@pytest.mark.django_db(transaction=True)
def test_what_was_looked_up_while_its_thread_was_deleted_is_not_written_down(session):
    row = ToolCall(session=session, function="f", question="Where is Mrs Miller?", outcome="answered")
    kept = Conversation.objects.create(persona=session.conversation.persona, visitor=uuid.uuid4())
    other = Session.objects.create(conversation=kept, elevenlabs_conversation_id="conv_2")
    history.delete(session.conversation)
    journal.write(row)
    journal.write(ToolCall(session=other, function="f", question="And the ferry?", outcome="answered"))
    assert journal.flush()
    assert [call.question for call in ToolCall.objects.all()] == ["And the ferry?"]
    assert [asked.thread for asked in Asked.objects.all()] == [str(kept.pk)]


def test_of_a_persona_that_was_withdrawn_what_was_said_can_still_be_saved_and_deleted(client, mine):
    mine.persona.status = "draft"
    mine.persona.save()
    page = client.get("/conversations/").content.decode()
    assert "not here any more" in page and f"/chat/harbour-guide/{mine.pk}/" not in page
    saved = client.get(f"/chat/harbour-guide/transcript.txt?thread={mine.pk}")
    assert "When does the ferry leave?" in saved.content.decode()
    client.post(f"/conversations/{mine.pk}/delete/")
    assert not Conversation.objects.filter(pk=mine.pk).exists()


def test_a_tab_that_is_looked_at_again_is_told_its_thread_and_which_one_is_the_latest(client, mine):
    client.post(f"/chat/{mine.persona.slug}/new/")
    told = client.get(f"/chat/{mine.persona.slug}/turns/", {"thread": str(mine.pk)}).json()
    assert (told["thread"], [turn["text"] for turn in told["turns"]]) == (str(mine.pk), ["When does the ferry leave?"])
    assert told["latest"] != told["thread"] and told["url"].endswith(f"/{told['latest']}/")


def test_what_a_tab_has_already_is_not_sent_again_and_long_threads_cost_no_more_queries(client, mine):
    address = f"/chat/{mine.persona.slug}/turns/?thread={mine.pk}"
    with CaptureQueriesContext(connection) as few:
        first = client.get(address)
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    Turn.objects.bulk_create(
        Turn(conversation=mine, key=f"typed:x{n}", speaker="visitor", channel="typed", text="And?") for n in range(50)
    )
    with CaptureQueriesContext(connection) as many:
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200 and len(again.json()["turns"]) == 51
    assert len(many) == len(few)


def test_nobody_reads_the_turns_of_anothers_thread(client, mine, tell):
    other = tell(mine.persona, uuid.uuid4(), "A secret?")
    assert client.get(f"/chat/{mine.persona.slug}/turns/", {"thread": str(other.pk)}).status_code == 404
    assert "A secret?" not in client.get(f"/chat/{mine.persona.slug}/turns/").content.decode()
