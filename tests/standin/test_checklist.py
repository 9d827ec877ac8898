"""What a server must do so that both official clients are content with it, item by item, and the tests that hold it to that.

Items that other modules test already are only pointed at; what was missing there is tested here.
"""

import time
from pathlib import Path

import httpx
import pytest

from tests.standin.caller import payload

ORDERS = "test_orders.py::test_the_frames_of_a_conversation_come_in_the_public_order"
BROWSER = "../browser/client"
CHECKLIST = {
    "The subprotocol is echoed if it was offered; unknown query parameters, an agent's id and a signature are taken": [
        "test_talking.py::test_the_subprotocol_is_echoed_only_when_it_is_offered",
        "test_admission.py::test_what_the_sdks_append_to_a_signed_url_is_taken",
        "test_admission.py::test_an_agent_that_wants_authorization_is_not_reached_without_a_signature",
        "test_sdk.py::test_an_agent_that_wants_no_authorization_is_reached_by_its_id",
    ],
    "The introduction is awaited for a second; the metadata comes first and names both formats": [
        "test_talking.py::test_who_does_not_introduce_itself_is_served_after_a_second",
        "test_talking.py::test_the_metadata_comes_first_and_the_greeting_has_id_one",
        "test_talking.py::test_a_text_only_session_has_no_sound_wherever_the_client_puts_the_wish",
        ORDERS,
    ],
    "Ids begin at 1 and rise after an interruption; sound has its turn's id, a ping its round trip or null": [
        "test_talking.py::test_typing_while_the_agent_speaks_interrupts_it_and_the_next_turn_has_the_next_id",
        "test_sdk.py::test_speaking_into_the_greeting_interrupts_it_and_the_answer_is_heard",
        f"{BROWSER}/test_interrupting.py::test_the_turn_after_an_interruption_has_the_next_id_and_is_heard",
        "test_orders.py::test_every_piece_of_sound_has_its_turns_id_and_its_alignment",
        "test_orders.py::test_every_ping_has_a_round_trip_or_null",
    ],
    "Overrides and variables are checked; quota, concurrency, queue, faults and a silent hang can be switched on": [
        "test_admission.py::test_an_override_that_is_not_allowed_closes_with_1008_and_names_the_field",
        "test_admission.py::test_missing_variables_close_with_1008_and_are_named_with_their_place",
        "test_mishaps.py::test_a_variable_missing_from_the_prompt_is_named_with_its_place",
        "test_tool_calls.py::test_a_tool_variable_nobody_gives_closes_with_1008",
        "test_admission.py::test_without_credits_no_call_begins_and_a_running_one_ends",
        "test_admission.py::test_at_the_concurrency_limit_a_call_is_refused_with_3008",
        "test_admission.py::test_the_daily_limit_closes_with_4300",
        "test_admission.py::test_waiting_too_long_times_out_and_closes",
        "test_mishaps.py::test_one_call_can_be_ended_badly_while_another_goes_on",
        "test_faults.py::test_a_start_can_be_refused_with_any_code",
        "test_faults.py::test_a_start_can_hang_without_a_first_message",
    ],
    "A text conversation has no sound, whoever asked for it and wherever": [
        "test_talking.py::test_a_text_only_session_has_no_sound_wherever_the_client_puts_the_wish",
        "test_sdk.py::test_a_text_conversation_has_no_sound_however_it_is_asked_for",
        f"{BROWSER}/test_chatting.py::test_the_wish_for_text_in_the_overrides_is_enough",
    ],
    "Pings come every few seconds; who answers none is let go": [
        "test_talking.py::test_pings_begin_with_null_and_then_tell_the_round_trip",
        "test_endings.py::test_who_answers_no_ping_is_let_go",
    ],
    "end_call is reported, then a moment passes, then the socket closes with 1000": [
        "test_endings.py::test_goodbye_is_answered_and_ends_the_call_when_the_agent_can",
        "test_sdk_endings.py::test_an_agent_that_hangs_up_closes_with_1000",
        f"{BROWSER}/test_endings.py::test_an_agent_that_hangs_up_ends_the_session_at_its_tools_report",
    ],
    "A client's tool is awaited for its time and no longer; a webhook tool is a real request": [
        "test_client_tools.py::test_a_client_tool_that_fails_or_never_answers_is_said_to_have_failed",
        "test_tool_calls.py::test_the_body_is_the_schema_filled_in_at_the_top_level",
        "test_tool_calls.py::test_a_tool_that_answers_too_late_is_an_error_after_its_timeout",
    ],
    "After the close the record is written, then the signed report is sent": [
        "test_reports.py::test_the_report_is_signed_so_that_the_sdk_accepts_it_and_equals_the_record",
        "test_checklist.py::test_the_record_is_complete_before_its_report_arrives",
    ],
    "A WebRTC token is refused at once, with 401 or 404": [
        "test_account.py::test_a_webrtc_token_is_refused_at_once_with_or_without_a_key",
        f"{BROWSER}/test_endings.py::test_a_webrtc_attempt_fails_at_once_and_says_why",
    ],
    "Pages of other origins reach the token, files and feedback": [
        "test_checklist.py::test_a_page_of_another_origin_is_let_through",
        f"{BROWSER}/test_chatting.py::test_an_opinion_of_the_whole_reaches_the_record_from_another_origin",
        f"{BROWSER}/test_chatting.py::test_a_file_is_uploaded_and_sent_with_a_message",
    ],
}


@pytest.mark.parametrize("item", CHECKLIST)
def test_every_item_is_held_by_tests_that_are_there(item):
    for test in CHECKLIST[item]:
        module, name = test.split("::")
        assert f"def {name}(" in (Path(__file__).parent / module).read_text(), test


def test_the_record_is_complete_before_its_report_arrives(call, client, listener, make_agent, standin, workspace):
    made = client.webhooks.create(settings={"auth_type": "hmac", "name": "R", "webhook_url": f"{listener.url}/report"})
    standin.store.settings["webhooks"] = {"post_call_webhook_id": made.webhook_id}
    listener.delay = 0.5  # while the receiver still reads it, the record can be asked for
    caller = call(make_agent({"conversation": {"text_only": True}}))
    caller.wait("agent_response")
    caller.hang_up()
    (report,) = listener.wait(path="/report")
    record = workspace.api.conversations.get(payload(caller.frames[0])["conversation_id"])
    assert (record.status, record.analysis.call_successful) == ("done", "unknown")
    assert report.json["data"]["status"] == "done"
    assert report.json["event_timestamp"] <= time.time()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/convai/conversation/token?agent_id=agent_nobody"),
        ("POST", "/v1/convai/conversations/conv_nobody/files"),
        ("POST", "/v1/convai/conversations/conv_nobody/feedback"),
    ],
)
def test_a_page_of_another_origin_is_let_through(url, method, path):
    page = {"Origin": "https://example.org"}
    asked = {**page, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
    before = httpx.options(f"{url}{path}", headers=asked)
    assert before.status_code == 200
    assert before.headers["access-control-allow-origin"] in ("*", "https://example.org")
    assert method in before.headers["access-control-allow-methods"]
    answer = httpx.request(method, f"{url}{path}", headers=page, json={} if method == "POST" else None)
    assert answer.status_code == 404  # nobody has this id; but no key was asked for, and the page may read so
    assert answer.headers["access-control-allow-origin"] == "*"
