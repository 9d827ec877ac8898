"""Files that a visitor hands over in a conversation, over REST and on the WebSocket, and turns that were rated."""

import pytest
from elevenlabs.core.api_error import ApiError

from tests.standin.talkers import until


@pytest.fixture
def greeted(call, make_agent):
    """A caller and its conversation's id, after the greeting."""
    caller = call(make_agent({"conversation": {"text_only": True}}))
    conversation_id = caller.wait("conversation_initiation_metadata")["conversation_id"]
    caller.wait("agent_response")
    return caller, conversation_id


def upload(api, conversation_id, name="note.txt", kind="text/plain"):
    return api.conversations.files.create(conversation_id, file=(name, b"Lamp, 40 W", kind)).file_id


def as_files(*ids):
    files = [{"type": "file_input", "file_id": file_id} for file_id in ids]
    return {"type": "multimodal_message", "file": files[0], "files": files}


def test_the_sdk_sends_words_with_a_file_and_the_record_has_both(chat, api, workspace):
    for talk in chat():
        file_id = upload(api, talk.conversation_id)
        talk.do("send_multimodal_message", text="Who are you?", file_ids=[file_id])
        until(lambda talk: len(talk.notes.said) == 2, talk)
        (asked,) = [turn for turn in workspace.finished(talk.end()).transcript if turn.role == "user"]
        assert asked.message == "Who are you?"
        assert [(one.file_id, one.original_filename, one.mime_type) for one in asked.file_inputs] == [
            (file_id, "note.txt", "text/plain")
        ]
        assert asked.file_input == asked.file_inputs[0]


def test_a_file_without_words_is_answered_too(greeted, api):
    caller, conversation_id = greeted
    caller.send(as_files(upload(api, conversation_id)))
    assert caller.wait("agent_response")["agent_response"].startswith("I have your file.")


def test_a_file_nobody_uploaded_is_an_error_and_no_turn(greeted):
    caller, _conversation_id = greeted
    caller.send(as_files("file_nobody"))
    assert "file_nobody" in caller.wait("error")["message"]
    caller.type("Hello")
    assert caller.wait("agent_response")["event_id"] == 2


def test_a_file_that_was_deleted_is_gone(greeted, api):
    caller, conversation_id = greeted
    file_id = upload(api, conversation_id)
    api.conversations.files.delete(conversation_id, file_id)
    caller.send(as_files(file_id))
    caller.wait("error")
    with pytest.raises(ApiError) as raised:
        api.conversations.files.delete(conversation_id, file_id)
    assert raised.value.status_code == 404


def test_the_eleventh_file_is_refused(greeted, api):
    _caller, conversation_id = greeted
    for number in range(10):
        upload(api, conversation_id, f"{number}.txt")
    with pytest.raises(ApiError) as raised:
        upload(api, conversation_id)
    assert raised.value.body["detail"]["status"] == "too_many_files"


def test_a_form_without_a_file_is_refused(greeted, client):
    _caller, conversation_id = greeted
    http = client._client_wrapper.httpx_client.httpx_client
    address = f"{client._client_wrapper.get_base_url()}/v1/convai/conversations/{conversation_id}/files"
    for form in ({"files": {"other": ("a.txt", b"x")}}, {"content": b"not a form"}):
        assert http.post(address, **form).status_code == 422


def test_the_latest_opinion_of_a_turn_counts_and_can_be_taken_back(greeted, finished):
    caller, conversation_id = greeted
    caller.type("Who are you?")
    caller.wait("agent_response", event_id=2)
    for event_id, score in ((1, "like"), (1, "like"), (2, "like"), (1, "dislike"), (2, None), (7, "like")):
        caller.send({"type": "feedback", "event_id": event_id, "score": score})
    caller.hang_up()
    record = finished(conversation_id)
    assert (record.metadata.feedback.likes, record.metadata.feedback.dislikes) == (0, 1)
    assert [turn.feedback and turn.feedback.score for turn in record.transcript] == ["dislike", None, None]
