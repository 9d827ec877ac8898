"""The stand-in's telephone: numbers as the official SDK sees them, and calls to them as Twilio would bring them."""

import json
from dataclasses import replace

import httpx
import pytest
from elevenlabs.conversational_ai.phone_numbers import PhoneNumbersCreateRequestBody_Twilio
from elevenlabs.core.api_error import ApiError

from tests.standin.completeness import missing_fields
from voice.standin.store import Store

CALLED, CALLER = "+15551234567", "+15559876543"
KIND = "conversation_initiation_client_data"


@pytest.fixture
def buy(api):
    """Import a number with the official SDK; gives its id."""

    def bought(number=CALLED, **fields):
        request = PhoneNumbersCreateRequestBody_Twilio(
            phone_number=number, label="Front desk", sid="AC1", token="secret of Twilio", **fields
        )
        return api.phone_numbers.create(request=request).phone_number_id

    return bought


@pytest.fixture
def dial(url):
    """Call a number; gives what the control answered."""

    def dialled(**fields):
        body = {"from": CALLER, "to": CALLED, **fields}
        response = httpx.post(f"{url}/standin/dial", json=body, timeout=20)
        assert response.status_code == 200, response.text
        return response.json()

    return dialled


@pytest.fixture
def ask_first(api, listener):
    """The platform settings of an agent that asks the listener before a phone call begins."""

    def settings(**allowed):
        secret = api.secrets.create(name="token of the webhook", value="sesame")
        webhook = {
            "url": f"{listener.url}/begin",
            "request_headers": {"X-Service-Token": {"secret_id": secret.secret_id}},
        }
        return {
            "overrides": {
                f"enable_{KIND}_from_webhook": True,
                "conversation_config_override": {"agent": allowed},
            },
            "workspace_overrides": {f"{KIND}_webhook": webhook},
        }

    return settings


def given(**more):
    return {"type": KIND, "dynamic_variables": {}, "conversation_config_override": {}, **more}


def test_numbers_are_imported_listed_both_ways_changed_and_let_go(api, buy, make_agent):
    agent_id = make_agent()
    first, second = buy(agent_id=agent_id), buy("+15550000000")
    found = api.phone_numbers.get(first)
    assert (found.phone_number, found.provider, found.assigned_agent.agent_id) == (CALLED, "twilio", agent_id)
    listed, page = api.phone_numbers.list(), api.phone_numbers.list_v_2(page_size=1)
    assert missing_fields([found, listed, page]) == []
    assert {number.phone_number_id for number in listed} == {first, second}
    following = api.phone_numbers.list_v_2(page_size=1, cursor=page.next_cursor)
    assert [page.has_more, following.has_more] == [True, False]
    assert page.phone_numbers[0].phone_number_id != following.phone_numbers[0].phone_number_id
    assert [number.phone_number_id for number in api.phone_numbers.list(agent_id=agent_id)] == [first]
    assert [number.phone_number_id for number in api.agents.get(agent_id).phone_numbers] == [first]
    assert api.phone_numbers.update(first, agent_id=None).assigned_agent is None
    assert api.phone_numbers.update(second, agent_id=agent_id, label="Desk").label == "Desk"
    api.phone_numbers.delete(first)
    with pytest.raises(ApiError) as gone:
        api.phone_numbers.get(first)
    assert gone.value.status_code == 404


def test_a_number_keeps_no_token_and_loses_an_agent_that_is_deleted(api, buy, make_agent, standin):
    agent_id = make_agent()
    number_id = buy(agent_id=agent_id)
    assert "secret of Twilio" not in json.dumps(standin.store.phone_numbers)
    api.agents.delete(agent_id)
    assert api.phone_numbers.get(number_id).assigned_agent is None


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"phone_number": "harbour"}, 422),
        ({"agent_id": "agent_of_nobody"}, 404),
        ({"label": None}, 422),
        ({"token": None}, 422),
        ({"provider": "pigeon"}, 422),
    ],
)
def test_a_number_that_cannot_be_is_refused(url, standin, fields, status):
    body = {"provider": "twilio", "phone_number": CALLED, "label": "x", "sid": "AC1", "token": "t", **fields}
    response = httpx.post(f"{url}/v1/convai/phone-numbers", json=body, headers={"xi-api-key": "k"})
    assert response.status_code == status
    assert standin.store.phone_numbers == {}


def test_the_same_number_is_imported_once(buy):
    buy()
    with pytest.raises(ApiError):
        buy()


def test_a_call_is_held_and_put_on_record_as_a_phone_call(api, buy, dial, make_agent, finished):
    number_id = buy(agent_id=make_agent())
    told = dial(say=["Hello.", "Goodbye."])
    assert told["connected"] is True
    record = finished(told["conversation_id"])
    assert missing_fields(record) == []
    call = record.metadata.phone_call
    assert (call.type, call.direction, call.phone_number_id) == ("twilio", "inbound", number_id)
    assert (call.agent_number, call.external_number, call.call_sid) == (CALLED, CALLER, told["call_sid"])
    assert record.metadata.conversation_initiation_source == "twilio"
    assert record.metadata.termination_reason == "Call ended by remote party"
    said = [(turn.role, turn.message) for turn in record.transcript]
    assert said[:3] == [
        ("agent", "Ask me."),
        ("user", "Hello."),
        ("agent", "Hello. What would you like to know?"),
    ]
    variables = record.conversation_initiation_client_data.dynamic_variables
    assert (variables["system__caller_id"], variables["system__called_number"]) == (CALLER, CALLED)
    (row,) = api.conversations.list().conversations
    assert row.direction == "inbound"


def test_the_webhook_is_asked_first_with_its_header_and_its_answer_begins_the_call(
    buy, dial, make_agent, listener, ask_first, finished
):
    listener.answer = given(
        dynamic_variables={"guest": "Anna"},
        conversation_config_override={"agent": {"first_message": "Good day {{guest}}, this call is recorded."}},
    )
    buy(agent_id=make_agent(platform=ask_first(first_message=True)))
    told = dial()
    record = finished(told["conversation_id"])
    assert record.transcript[0].message == "Good day Anna, this call is recorded."
    (asked,) = listener.received
    assert asked.headers["X-Service-Token"] == "sesame"
    assert asked.json == {
        "caller_id": CALLER,
        "agent_id": record.agent_id,
        "called_number": CALLED,
        "call_sid": told["call_sid"],
        "conversation_id": told["conversation_id"],
    }


def test_an_older_integration_does_not_name_the_conversation(buy, dial, make_agent, listener, ask_first):
    listener.answer = given()
    buy(agent_id=make_agent(platform=ask_first()))
    assert dial(names_conversation=False)["connected"] is True
    assert "conversation_id" not in listener.received[0].json


def test_an_agent_that_asks_nobody_is_called_all_the_same(buy, dial, make_agent, listener):
    buy(agent_id=make_agent())
    assert dial()["connected"] is True
    assert listener.received == []


NO_GUEST = {"agent": {"first_message": "Hello {{guest}}."}}
REFUSALS = [
    ("refused", given(), [403], "HTTP 403"),
    ("not JSON", b"<html>", [], "sent no conversation_initiation_client_data"),
    ("no object", [], [], "sent no conversation_initiation_client_data"),
    ("another type", {"type": "other"}, [], "sent no conversation_initiation_client_data"),
    ("without the variable", given(), [], "Missing required dynamic variables in first message: {'guest'}"),
    (
        "an override that is not allowed",
        given(dynamic_variables={"guest": "Anna"}, conversation_config_override={"agent": {"first_message": "Ahoy."}}),
        [],
        "Override for field 'first_message' is not allowed by config.",
    ),
]


@pytest.mark.parametrize(
    ("answer", "statuses", "reason"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS]
)
def test_a_call_that_cannot_begin_fails_with_the_reason_on_record(
    api, buy, dial, make_agent, listener, ask_first, answer, statuses, reason
):
    listener.answer, listener.statuses = answer, statuses
    buy(agent_id=make_agent(NO_GUEST, ask_first()))
    told = dial(say=["Hello."])
    assert told["connected"] is False
    assert reason in told["reason"]
    record = api.conversations.get(told["conversation_id"])
    assert (record.status, record.metadata.phone_call.call_result) == ("failed", "failed")
    assert reason in record.metadata.error.reason
    assert record.transcript == []


def test_a_webhook_that_takes_too_long_fails_the_call(standin, buy, dial, make_agent, listener, ask_first, monkeypatch):
    monkeypatch.setattr(standin, "options", replace(standin.options, initiation_seconds=0.2))
    listener.answer, listener.delay = given(), 1
    buy(agent_id=make_agent(platform=ask_first()))
    told = dial()
    assert (told["connected"], "No answer within 0.2 seconds" in told["reason"]) == (False, True)


def test_a_call_that_failed_is_reported_where_that_was_asked_for(client, buy, dial, make_agent, listener, ask_first):
    settings = {"auth_type": "hmac", "name": "reports", "webhook_url": f"{listener.url}/reports"}
    webhook = client.webhooks.create(settings=settings).webhook_id
    platform = ask_first()
    platform["workspace_overrides"]["webhooks"] = {
        "post_call_webhook_id": webhook,
        "events": ["call_initiation_failure"],
    }
    listener.statuses = [503]
    buy(agent_id=make_agent(platform=platform))
    told = dial()
    (report,) = listener.wait(1, "/reports")
    data = report.json["data"]
    assert report.json["type"] == "call_initiation_failure"
    assert (data["conversation_id"], data["failure_reason"]) == (told["conversation_id"], "unknown")
    status = data["metadata"]["body"]
    assert (status["CallSid"], status["CallStatus"], status["To"]) == (told["call_sid"], "failed", CALLED)


def test_tools_are_called_with_what_is_known_of_the_phone_call(buy, dial, make_agent, make_tool, listener, finished):
    sid = {"properties": {"sid": {"type": "string", "dynamic_variable": "system__call_sid"}}}
    tool = make_tool(f"{listener.url}/ask", api_schema={"request_body_schema": sid})
    buy(agent_id=make_agent(tools=[tool]))
    told = dial(say=["How long does the lamp burn?"])
    record = finished(told["conversation_id"])
    assert listener.received[0].json["sid"] == told["call_sid"]
    assert listener.received[0].json["conversation_id"] == told["conversation_id"]
    assert record.transcript[-1].message == "The lamp burns for forty hours."


def test_what_is_spoken_into_the_telephone_is_understood(standin, buy, dial, make_agent, make_tool, listener, finished):
    buy(agent_id=make_agent({"agent": {"first_message": ""}}, tools=[make_tool(f"{listener.url}/ask")]))
    told = dial(say=["How long does the lamp burn?"], spoken=True)
    assert standin.calls[told["conversation_id"]].input_format == "ulaw_8000"
    said = [(turn.role, turn.message) for turn in finished(told["conversation_id"]).transcript if turn.message]
    assert said == [("user", "How long does the lamp burn?"), ("agent", "The lamp burns for forty hours.")]


def test_a_call_over_the_limit_does_not_begin(standin, buy, dial, make_agent):
    standin.limits.concurrency = 0
    buy(agent_id=make_agent())
    assert dial()["reason"] == "too many concurrent connections"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"to": "+15550000000"}, 404),
        ({"to": None}, 422),
        ({"to": 7}, 422),
        ({"say": "Hello."}, 422),
        ({"from": None}, 422),
    ],
)
def test_a_call_that_nobody_could_make_is_refused(url, buy, make_agent, fields, status):
    buy(agent_id=make_agent())
    response = httpx.post(f"{url}/standin/dial", json={"from": CALLER, "to": CALLED, **fields})
    assert response.status_code == status


def test_a_number_that_no_agent_answers_cannot_be_called(url, buy):
    buy()
    assert httpx.post(f"{url}/standin/dial", json={"from": CALLER, "to": CALLED}).status_code == 404


def test_numbers_outlive_a_restart(tmp_path):
    store = Store(tmp_path / "state.json")
    store.phone_numbers["phnum_1"] = {"phone_number": CALLED}
    store.touch()
    store.save()
    assert Store(tmp_path / "state.json").phone_numbers == {"phnum_1": {"phone_number": CALLED}}


def test_the_page_of_documentation_names_the_telephone(url):
    page = httpx.get(f"{url}/docs").text
    assert "/standin/dial" in page
    assert "/v1/convai/v2/phone-numbers" in page


@pytest.fixture
def call_out(client, buy, make_agent):
    """Let an agent that greets "Ask me." call somebody from a number of the account."""

    def called(to_number=CALLER, agent=None, **options):
        number_id = buy(agent_id=agent or make_agent(), **options)
        agent_id = client.conversational_ai.phone_numbers.get(number_id).assigned_agent.agent_id
        return client.conversational_ai.twilio.outbound_call(
            agent_id=agent_id,
            agent_phone_number_id=number_id,
            to_number=to_number,
            conversation_initiation_client_data={"dynamic_variables": {"guest": "Anna"}},
        )

    return called


def test_an_agent_calls_somebody_who_answers(url, call_out, make_agent, finished):
    httpx.post(f"{url}/standin/callees", json={"number": CALLER, "say": ["Hello."]}).raise_for_status()
    made = call_out(agent=make_agent(NO_GUEST))
    assert (made.success, bool(made.call_sid)) == (True, True)
    record = finished(made.conversation_id)
    call = record.metadata.phone_call
    assert (call.direction, call.external_number, call.call_result) == ("outbound", CALLER, "answered")
    assert [turn.message for turn in record.transcript][:2] == ["Hello Anna.", "Hello."]


@pytest.mark.parametrize(("result", "reason"), [("busy", "busy"), ("no_answer", "no-answer")])
def test_somebody_who_does_not_answer_is_on_record_and_reported(
    client, url, call_out, make_agent, listener, result, reason
):
    settings = {"auth_type": "hmac", "name": "reports", "webhook_url": f"{listener.url}/reports"}
    webhook = client.webhooks.create(settings=settings).webhook_id
    reported = {"post_call_webhook_id": webhook, "events": ["call_initiation_failure"]}
    httpx.post(f"{url}/standin/callees", json={"number": CALLER, "result": result}).raise_for_status()
    made = call_out(agent=make_agent(platform={"workspace_overrides": {"webhooks": reported}}))
    assert made.success is True
    record = client.conversational_ai.conversations.get(made.conversation_id)
    assert (record.status, record.metadata.phone_call.call_result) == ("failed", result)
    (report,) = listener.wait(1, "/reports")
    assert report.json["data"]["failure_reason"] == reason


def test_a_call_that_cannot_be_made_is_no_error_but_no_success(call_out, buy):
    made = call_out(to_number="harbour")
    assert (made.success, made.conversation_id, made.call_sid) == (False, None, None)
    assert "not valid" in made.message


def test_a_number_that_may_not_call_out_calls_nobody(call_out):
    made = call_out(supports_outbound=False)
    assert (made.success, "outbound" in made.message) == (False, True)


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"agent_id": "agent_of_nobody"}, 404), ({"agent_phone_number_id": "phnum_0"}, 404), ({"to_number": None}, 422)],
)
def test_an_outbound_call_of_nobody_is_refused(url, buy, make_agent, fields, status):
    agent_id = make_agent()
    body = {"agent_id": agent_id, "agent_phone_number_id": buy(), "to_number": CALLER, **fields}
    response = httpx.post(f"{url}/v1/convai/twilio/outbound-call", json=body, headers={"xi-api-key": "k"})
    assert response.status_code == status


def test_what_a_callee_does_is_said_in_known_words(url, standin):
    assert httpx.post(f"{url}/standin/callees", json={"number": CALLER, "result": "asleep"}).status_code == 422
    assert httpx.post(f"{url}/standin/callees", json={"number": "x"}).status_code == 422
