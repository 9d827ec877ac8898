"""The official browser client without sound: words, hints, opinions and files."""

import json

import pytest

from tests.browser.client.conftest import ANSWER


def test_a_text_conversation_asks_for_no_microphone(chat):
    visitor = chat()
    assert visitor.page.evaluate("bench.talk.type") == "text"
    assert visitor.page.evaluate("bench.microphones") == []
    state = "navigator.permissions.query({ name: 'microphone' }).then(answer => answer.state)"
    assert visitor.page.evaluate(state) == "prompt"
    assert visitor.do("setVolume", {"volume": 0})["refused"] == "Error"


def test_the_wish_for_text_in_the_overrides_is_enough(bench, texter):
    agent_id = bench.workspace.agent({"conversation": {"text_only": True}})
    overrides = {"conversation": {"textOnly": True}}
    assert texter.start(signedUrl=bench.workspace.signed_url(agent_id), overrides=overrides)["type"] == "text"
    texter.wait_for_words("Ask me.")
    assert texter.notes("onAudio") == []


def test_a_public_agent_is_reached_by_its_id(bench, texter):
    agent_id = bench.workspace.agent({"conversation": {"text_only": True}})
    texter.start(agentId=agent_id, textOnly=True, origin=bench.url.replace("http", "ws"))
    texter.wait_for_words("Ask me.")
    assert bench.workspace.api.conversations.get(texter.id).metadata.authorization_method == "public"


def test_a_message_is_answered_in_parts_and_as_a_whole_and_not_echoed(bench, chat):
    visitor = chat(tools=[bench.tool])
    visitor.do("sendUserMessage", "How long does the lamp burn?")
    assert visitor.wait_for_words(ANSWER)["event_id"] == 2
    parts = [part for part in visitor.notes("onAgentChatResponsePart") if part["event_id"] == 2]
    assert [part["type"] for part in parts] == ["start", "delta", "stop"]
    assert "".join(part["text"] for part in parts) == ANSWER
    assert {message["role"] for message in visitor.notes("onMessage")} == {"agent"}


def test_a_hint_replaces_the_one_with_the_same_id_and_is_not_answered(bench, chat):
    visitor = chat()
    for hint, name in (("On page one.", "page"), ("On page two.", "page"), ("In a hurry.", "mood")):
        visitor.do("sendContextualUpdate", hint, {"contextId": name})
    visitor.do("sendUserMessage", "Hello")
    visitor.wait("onMessage", lambda message: message["event_id"] == 2)
    assert bench.standin.calls[visitor.id].contexts == {"page": "On page two.", "mood": "In a hurry."}
    assert len(visitor.notes("onMessage")) == 2


def test_activity_starts_the_silence_anew(bench, chat):
    visitor = chat()
    call = bench.standin.calls[visitor.id]
    before = call.last_sign
    visitor.do("sendUserActivity")
    visitor.do("sendUserMessage", "Hello")  # after it, so that its arrival proves the other's
    visitor.wait("onMessage", lambda message: message["event_id"] == 2)
    assert call.last_sign > before


def test_turns_are_liked_and_disliked_and_the_record_says_which(bench, chat):
    visitor = chat()
    visitor.do("sendFeedback", False)
    visitor.do("sendUserMessage", "Who are you?")
    visitor.wait("onMessage", lambda message: message["event_id"] == 2)
    visitor.do("sendFeedback", True)
    visitor.do("endSession")
    record = bench.workspace.finished(visitor.id)
    scores = {turn.source_event_id: turn.feedback.score for turn in record.transcript if turn.feedback}
    assert scores == {1: "dislike", 2: "like"}
    assert (record.metadata.feedback.likes, record.metadata.feedback.dislikes) == (1, 1)


def test_an_opinion_can_be_changed_and_taken_back(bench, chat):
    visitor = chat()
    for opinion in (True, True, False, None):
        visitor.do("sendFeedback", opinion)
    visitor.do("endSession")
    record = bench.workspace.finished(visitor.id)
    assert (record.metadata.feedback.likes, record.metadata.feedback.dislikes) == (0, 0)
    assert record.transcript[0].feedback is None


def test_leave_to_rate_ends_with_the_connection(chat):
    visitor = chat()
    visitor.do("endSession")
    visitor.do("sendFeedback", True)
    assert [change["canSendFeedback"] for change in visitor.notes("onCanSendFeedbackChange")][-2:] == [True, False]
    assert any("Cannot send feedback" in complaint for complaint in visitor.watch.complaints)


@pytest.mark.parametrize(
    ("opinion", "kept"),
    [
        (True, {"type": "thumbs", "overall_score": "like"}),
        ({"rating": 4, "comment": "Clear."}, {"type": "rating", "rating": 4, "comment": "Clear."}),
    ],
)
def test_an_opinion_of_the_whole_reaches_the_record_from_another_origin(bench, chat, opinion, kept):
    visitor = chat()
    visitor.do("endSession")
    status = visitor.page.evaluate("given => bench.rate(...given)", [visitor.id, opinion, bench.url])
    assert status == 200
    feedback = json.loads(bench.workspace.finished(visitor.id).metadata.feedback.json())
    assert kept.items() <= feedback.items()


def test_a_file_is_uploaded_and_sent_with_a_message(bench, chat):
    visitor = chat(options={"origin": bench.url})
    answer = visitor.page.evaluate("bench.upload('Lamp, 40 W')")
    assert answer["fileId"].startswith("file_")
    visitor.do("sendMultimodalMessage", {"text": "Who are you?", "fileId": answer["fileId"]})
    visitor.wait_for_words("I am the assistant here.")
    visitor.do("endSession")
    (asked,) = [turn for turn in bench.workspace.finished(visitor.id).transcript if turn.role == "user"]
    assert asked.message == "Who are you?"
    assert [(one.file_id, one.original_filename) for one in asked.file_inputs] == [(answer["fileId"], "note.txt")]


def test_an_upload_to_a_conversation_that_nobody_knows_is_refused(bench, chat):
    visitor = chat(options={"origin": bench.url})
    bench.standin.store.conversations.pop(visitor.id)
    answer = visitor.page.evaluate("bench.upload('Lamp, 40 W')")
    assert answer["message"].startswith("Upload failed: 404")
