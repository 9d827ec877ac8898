"""Who may open a conversation, with which changes, and what a refusal looks like."""

import base64

import httpx
import pytest


def signed_url(api, agent_id, **named):
    return api.conversations.get_signed_url(agent_id=agent_id, **named).signed_url


def asked(part, **fields):
    return {"conversation_config_override": {part: fields}}


def seconds_of_greeting(caller):
    """How long the first message sounds, at 16 kHz and two bytes a sample."""
    text, chars, size = caller.wait("agent_response")["agent_response"], "", 0
    while chars != text:
        chunk = caller.wait("audio")
        chars += "".join(chunk["alignment"]["chars"])
        size += len(base64.b64decode(chunk["audio_base_64"]))
    return size / 32000


@pytest.mark.parametrize(
    ("override", "field"),
    [
        ({"agent": {"first_message": "Mine."}}, "first_message"),
        ({"agent": {"prompt": {"prompt": "Mine."}}}, "prompt"),
        ({"tts": {"voice_id": "EXAVITQu4vr4xnSDxMaL"}}, "voice_id"),
        ({"tts": {"speed": 0.8}}, "speed"),
        ({"conversation": {"text_only": True}}, "text_only"),
    ],
)
def test_an_override_that_is_not_allowed_closes_with_1008_and_names_the_field(call, make_agent, override, field):
    caller = call(make_agent(), init={"conversation_config_override": override})
    assert caller.wait_for_close() == (1008, f"Override for field '{field}' is not allowed by config.")
    assert caller.frames == []


def test_an_override_that_is_allowed_is_applied(call, make_agent):
    allowed = {"overrides": {"conversation_config_override": {"agent": {"first_message": True}}}}
    caller = call(
        make_agent(platform=allowed), init={"conversation_config_override": {"agent": {"first_message": "Mine."}}}
    )
    assert caller.wait("agent_response")["agent_response"] == "Mine."


def test_a_speed_that_is_allowed_is_spoken_at(call, make_agent):
    allowed = {"overrides": {"conversation_config_override": {"tts": {"speed": True}}}}
    agent_id = make_agent({"agent": {"first_message": "The ferry leaves at nine."}}, platform=allowed)
    slow, fast = (seconds_of_greeting(call(agent_id, init=asked("tts", speed=speed))) for speed in (0.7, 1.2))
    assert slow == pytest.approx(fast * 1.2 / 0.7, rel=0.1)


@pytest.mark.parametrize("speed", [0.5, 1.3, "fast", True])
def test_a_speed_beyond_the_documented_range_is_refused_though_it_is_allowed(call, make_agent, speed):
    allowed = {"overrides": {"conversation_config_override": {"tts": {"speed": True}}}}
    code, reason = call(make_agent(platform=allowed), init=asked("tts", speed=speed)).wait_for_close()
    assert (code, reason.split(":")[0]) == (1008, "Invalid override for field 'speed'")


def test_missing_variables_close_with_1008_and_are_named_with_their_place(call, make_agent):
    caller = call(make_agent({"agent": {"first_message": "Hello {{name}}."}}))
    code, reason = caller.wait_for_close()
    assert (code, reason) == (1008, "Missing required dynamic variables in first message: {'name'}")


def test_variables_come_from_the_client_or_from_placeholders_but_never_system_ones(call, make_agent):
    agent_id = make_agent(
        {
            "agent": {
                "first_message": "{{name}}, {{place}}, {{system__agent_id}}.",
                "dynamic_variables": {"dynamic_variable_placeholders": {"place": "Bern"}},
            }
        }
    )
    caller = call(agent_id, init={"dynamic_variables": {"name": "Ada", "system__agent_id": "forged"}})
    assert caller.wait("agent_response")["agent_response"] == f"Ada, Bern, {agent_id}."


def test_an_unknown_agent_closes_with_3000(call, standin):
    assert call("agent_nobody").wait_for_close() == (3000, "The AI agent you are trying to reach does not exist.")


def test_an_agent_that_wants_authorization_is_not_reached_without_a_signature(call, api, make_agent):
    agent_id = make_agent(platform={"auth": {"enable_auth": True}})
    assert call(agent_id).wait_for_close()[0] == 3000
    caller = call(address=signed_url(api, agent_id))
    assert caller.wait("agent_response")["event_id"] == 1


def test_a_forged_signature_closes_with_3000(call, api, make_agent):
    address = signed_url(api, make_agent())
    assert call(address=address[:-4] + "XXXX").wait_for_close() == (3000, "The conversation signature is not valid.")


def test_a_signature_opens_no_other_agent(call, api, make_agent):
    first, second = make_agent(), make_agent()
    assert call(address=signed_url(api, first).replace(first, second)).wait_for_close()[0] == 3000


def test_an_expired_signature_closes_with_3000(call, api, make_agent, standin):
    address = signed_url(api, make_agent())
    for ticket in standin.store.tickets.values():
        ticket["expires"] -= 901
    assert call(address=address).wait_for_close() == (3000, "The conversation signature has expired.")


def test_a_signed_url_with_a_conversation_id_names_the_conversation_and_works_once(call, api, make_agent):
    address = signed_url(api, make_agent(), include_conversation_id=True)
    conversation_id = address.split("conversation_id=")[1]
    caller = call(address=address)
    assert caller.wait("conversation_initiation_metadata")["conversation_id"] == conversation_id
    assert call(address=address).wait_for_close() == (3000, "The conversation signature has already been used.")


def test_a_signed_url_without_one_works_again_and_both_spellings_of_its_address_answer(call, api, url, make_agent):
    agent_id = make_agent()
    address = signed_url(api, agent_id)
    ids = [call(address=address).wait("conversation_initiation_metadata")["conversation_id"] for _ in range(2)]
    assert ids[0] != ids[1]
    other = f"{url}/v1/convai/conversation/get_signed_url"
    answer = httpx.get(other, params={"agent_id": agent_id}, headers={"xi-api-key": "k"})
    assert answer.json()["signed_url"].startswith("ws://")


def test_what_the_sdks_append_to_a_signed_url_is_taken(call, api, make_agent):
    address = signed_url(api, make_agent()) + "&source=js_sdk&version=1.25.0&environment=production"
    assert call(address=address).wait("agent_response")


def test_a_page_of_another_host_than_the_allowlist_names_is_refused(call, make_agent):
    agent_id = make_agent(platform={"auth": {"allowlist": [{"hostname": "example.org"}]}})
    assert call(agent_id, origin="https://evil.example").wait_for_close()[0] == 1008
    assert call(agent_id, origin="https://example.org").wait("agent_response")
    assert call(agent_id).wait("agent_response")


def test_at_the_concurrency_limit_a_call_is_refused_with_3008(call, make_agent):
    agent_id = make_agent(platform={"call_limits": {"agent_concurrency_limit": 1}})
    call(agent_id).wait("agent_response")
    assert call(agent_id).wait_for_close() == (3008, "too many concurrent connections")


def test_with_a_queue_a_call_waits_and_is_admitted_when_there_is_room(call, make_agent):
    limits = {"call_limits": {"agent_concurrency_limit": 1}, "queueing_config": {"enabled": True}}
    agent_id = make_agent(platform=limits)
    first = call(agent_id)
    first.wait("agent_response")
    second = call(agent_id)
    assert second.wait("queue_status") == {"status": "waiting"}
    assert second.types() == ["conversation_initiation_metadata", "queue_status"]
    first.hang_up()
    assert second.wait("queue_status") == {"status": "admitted"}
    assert second.wait("agent_response")["event_id"] == 1


def test_waiting_too_long_times_out_and_closes(call, make_agent):
    queue = {"enabled": True, "wait_timeout_seconds": 1}
    agent_id = make_agent(platform={"call_limits": {"agent_concurrency_limit": 1}, "queueing_config": queue})
    call(agent_id).wait("agent_response")
    second = call(agent_id)
    second.wait("queue_status")
    assert second.wait("queue_status") == {"status": "timed_out"}
    assert second.wait_for_close()[0] == 3008


def test_the_daily_limit_closes_with_4300(call, make_agent):
    agent_id = make_agent(platform={"call_limits": {"daily_limit": 1}})
    call(agent_id).wait("agent_response")
    assert call(agent_id).wait_for_close() == (4300, "Agent has exceeded its daily call limit of 1.")


def test_without_credits_no_call_begins_and_a_running_one_ends(call, url, make_agent):
    agent_id = make_agent()
    running = call(agent_id)
    running.wait("agent_response")
    httpx.patch(f"{url}/standin/limits", json={"credits": 0})
    assert running.wait_for_close() == (1002, "This request exceeds your quota limit.")
    assert call(agent_id).wait_for_close() == (3000, "[quota_exceeded] You've run out of credits.")
