"""What visitors think: stars for a talk, a thumb for an answer; kept here, told to ElevenLabs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from voice import gateway, ratings, tasks
from voice.models import Conversation, Session, Turn

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json", "headers": {"Accept": "application/json"}}


@pytest.fixture
def visitor(client, conversation):
    """The visitor whose thread this is."""
    kept = client.session
    kept["visitor"] = str(conversation.visitor)
    kept.save()
    return client


@pytest.fixture
def answer(conversation):
    return Turn.objects.create(conversation=conversation, key="1", speaker="persona", channel="typed", text="At nine.")


def rate(client, conversation, **told):
    return client.post(f"/chat/{conversation.persona.slug}/rate/", told, **JSON)


def judge(client, judged, /, **told):
    return client.post(f"/chat/{judged.conversation.persona.slug}/judge/", {"turn": judged.pk, **told}, **JSON)


@pytest.fixture
def held(conversation, standin):
    """A call that the other side knows, too."""
    record = standin.http.post("/standin/conversations", json={"agent_id": _agent(standin), "status": "done"}).json()
    return Session.objects.create(conversation=conversation, elevenlabs_conversation_id=record["conversation_id"])


def _agent(standin):
    body = {"name": "Harbour guide", "conversation_config": {}}
    return standin.http.post("/v1/convai/agents/create", json=body).json()["agent_id"]


def test_stars_and_a_comment_are_kept_and_a_second_rating_replaces_the_first(visitor, conversation):
    assert rate(visitor, conversation, rating=2, comment="Slow.").status_code == 200
    assert rate(visitor, conversation, rating=5).status_code == 200
    conversation.refresh_from_db()
    assert (conversation.rating, conversation.comment) == (5, "")


@pytest.mark.parametrize("rating", [0, 6, "many", None, True, [], 1.5])
def test_what_are_no_stars_is_refused_and_nothing_is_kept(visitor, conversation, rating):
    refused = rate(visitor, conversation, rating=rating)
    assert (refused.status_code, refused.json()["error"]["message"]) == (400, "Choose one to five stars.")
    conversation.refresh_from_db()
    assert conversation.rating is None


def test_a_comment_that_is_too_long_is_refused_with_its_limit(visitor, conversation):
    assert "1,000 characters" in rate(visitor, conversation, rating=3, comment="x" * 1001).json()["error"]["message"]


def test_without_a_thread_there_is_nothing_to_rate(client, conversation):
    assert rate(client, conversation, rating=3).status_code == 400
    conversation.refresh_from_db()
    assert conversation.rating is None


def test_a_rating_reaches_elevenlabs_with_its_comment(visitor, conversation, held, standin):
    rate(visitor, conversation, rating=4, comment="Friendly.")
    tasks.tell_rating(conversation.pk)
    told = standin.http.get(f"/v1/convai/conversations/{held.elevenlabs_conversation_id}").json()["metadata"][
        "feedback"
    ]
    assert (told["rating"], told["comment"]) == (4, "Friendly.")
    conversation.refresh_from_db()
    assert not conversation.rating_due


def test_a_rating_of_a_typed_thread_is_nothing_for_elevenlabs(visitor, conversation, standin):
    rate(visitor, conversation, rating=4)
    conversation.refresh_from_db()
    assert (conversation.rating, conversation.rating_due) == (4, False)
    assert standin.requests("POST") == []


def test_a_rating_waits_while_elevenlabs_is_away_and_the_sweep_takes_it(visitor, conversation, held, standin):
    rate(visitor, conversation, rating=4)
    standin.http.post("/standin/faults", json={"on": "http", "do": "status", "status": 503, "path": "*/feedback"})
    with pytest.raises(gateway.Unreachable):
        ratings.tell(Conversation.objects.get())
    assert list(Conversation.objects.with_rating_due()) == [conversation]


def test_a_rating_of_a_call_that_is_gone_over_there_is_not_told_for_ever(visitor, conversation, standin):
    Session.objects.create(conversation=conversation, elevenlabs_conversation_id="conv_gone")
    rate(visitor, conversation, rating=4)
    tasks.tell_rating(conversation.pk)
    assert not Conversation.objects.with_rating_due().exists()


def test_a_rating_given_while_another_is_told_is_told_as_well(conversation, held, standin):
    ratings.rate(conversation, 2)
    stale = Conversation.objects.get()
    ratings.rate(conversation, 5)
    ratings.tell(stale)
    assert Conversation.objects.get().rating_due


def test_a_thumb_is_kept_changed_and_taken_back(visitor, answer):
    for thumb, liked in (("up", True), ("down", False), ("", None)):
        assert judge(visitor, answer, thumb=thumb).status_code == 200
        answer.refresh_from_db()
        assert answer.liked is liked


def test_a_thumb_down_keeps_its_reason_and_a_thumb_up_has_none(visitor, answer):
    judge(visitor, answer, thumb="down", note="It is wrong")
    answer.refresh_from_db()
    assert answer.liked_note == "It is wrong"
    judge(visitor, answer, thumb="up", note="left over")
    answer.refresh_from_db()
    assert answer.liked_note == ""


@pytest.mark.parametrize(
    "told", [{"thumb": "sideways"}, {"turn": "x"}, {"turn": 2**64}, {"note": "x" * 301}, {"turn": None}]
)
def test_what_is_no_thumb_is_refused(visitor, answer, told):
    assert judge(visitor, answer, **{"thumb": "up", **told}).status_code == 400
    answer.refresh_from_db()
    assert answer.liked is None


def test_nobody_judges_in_anothers_thread(client, answer):
    assert judge(client, answer, thumb="up").status_code == 404


def test_one_does_not_judge_ones_own_words(visitor, conversation):
    own = Turn.objects.create(conversation=conversation, key="0", speaker="visitor", channel="typed", text="When?")
    assert judge(visitor, own, thumb="up").status_code == 404


def test_staff_see_thumbs_and_stars_on_the_timeline(admin_client, conversation, answer):
    ratings.judge(answer, False, "It is wrong")
    ratings.rate(conversation, 2, "Not for me")
    shown = admin_client.get(f"/admin/voice/conversation/{conversation.pk}/change/").content.decode()
    assert "Thumb down" in shown and "It is wrong" in shown and "2 of 5" in shown


def test_a_rating_of_yesterday_is_not_told_any_more(conversation, held):
    ratings.rate(conversation, 3)
    Conversation.objects.update(last_turn_at=timezone.now() - timedelta(days=2))
    assert not Conversation.objects.with_rating_due().exists()
