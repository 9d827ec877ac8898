"""Tools in mid-conversation: the real request, its refusals, and what the agent says of it."""

import pytest

from tests.standin.caller import payload

QUESTION = "How long does the lamp burn?"


def ask(call, agent_id, question=QUESTION, **options):
    caller = call(agent_id, **options)
    caller.wait("agent_response", event_id=1)
    caller.type(question)
    return caller


def test_a_question_calls_the_tool_and_its_content_is_said(call, make_agent, make_tool, listener):
    caller = ask(call, make_agent(tools=[make_tool(f"{listener.url}/tool")]))
    request = caller.wait("agent_tool_request")
    response = caller.wait("agent_tool_response")
    assert caller.wait("agent_response")["agent_response"] == "The lamp burns for forty hours."
    assert caller.wait("audio")["event_id"] == 2
    assert request["tool_call_id"] == response["tool_call_id"]
    assert (request["tool_name"], request["tool_type"], request["event_id"]) == ("query_knowledge", "webhook", 2)
    assert (response["is_error"], response["is_called"], response["event_id"]) == (False, True, 2)


def test_the_body_is_the_schema_filled_in_at_the_top_level(call, make_agent, make_tool, listener):
    caller = ask(call, make_agent(tools=[make_tool(f"{listener.url}/tool")]))
    conversation_id = payload(caller.frames[0])["conversation_id"]
    (request,) = listener.wait(path="/tool")
    assert request.method == "POST"
    assert request.json == {
        "function_name": "query_knowledge",
        "conversation_id": conversation_id,
        "parameters": {"query": QUESTION, "persona_id": "persona-1"},
    }


def test_headers_come_from_secrets_variables_and_literals_and_braces_are_sent_as_they_stand(
    call, api, make_agent, make_tool, listener
):
    secret = api.secrets.create(name="token", value="hush")
    headers = {
        "X-Service-Token": {"secret_id": secret.secret_id},
        "X-Visitor": {"variable_name": "secret__visitor"},
        "X-Plain": "{{token}}",
    }
    agent_id = make_agent(tools=[make_tool(f"{listener.url}/tool", api_schema={"request_headers": headers})])
    ask(call, agent_id, init={"dynamic_variables": {"secret__visitor": "v-1"}})
    (request,) = listener.wait(path="/tool")
    assert request.headers["X-Service-Token"] == "hush"
    assert request.headers["X-Visitor"] == "v-1"
    assert request.headers["X-Plain"] == "{{token}}"


def test_secrets_and_secret_variables_stand_redacted_in_the_record(
    call, api, make_agent, make_tool, listener, finished
):
    secret = api.secrets.create(name="token", value="hush")
    tool = make_tool(
        f"{listener.url}/tool", api_schema={"request_headers": {"X-Token": {"secret_id": secret.secret_id}}}
    )
    caller = ask(call, make_agent(tools=[tool]), init={"dynamic_variables": {"secret__visitor": "v-1"}})
    caller.wait("agent_response", event_id=2)
    caller.hang_up()
    record = finished(payload(caller.frames[0])["conversation_id"])
    assert "hush" not in record.json()
    assert "v-1" not in record.json()
    assert "<REDACTED>" in record.json()


def test_a_tool_variable_nobody_gives_closes_with_1008(call, make_agent, make_tool):
    tool = make_tool(
        "http://127.0.0.1:1/x", api_schema={"request_headers": {"X-Visitor": {"variable_name": "visitor"}}}
    )
    reason = "Missing required dynamic variables in tools: {'visitor'}"
    assert call(make_agent(tools=[tool])).wait_for_close() == (1008, reason)


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 503, 302])
def test_a_status_that_is_not_2xx_is_an_error_and_the_agent_says_so(call, make_agent, make_tool, listener, status):
    listener.statuses = [status]
    caller = ask(call, make_agent(tools=[make_tool(f"{listener.url}/tool")]))
    assert caller.wait("agent_tool_response")["is_error"] is True
    assert caller.wait("agent_response")["agent_response"].startswith("I cannot look that up right now.")
    assert len(listener.received) == 1


def test_a_server_that_is_not_there_is_an_error(call, make_agent, make_tool):
    caller = ask(call, make_agent(tools=[make_tool("http://127.0.0.1:9/tool")]))
    assert caller.wait("agent_tool_response")["is_error"] is True


def test_a_tool_that_answers_too_late_is_an_error_after_its_timeout(call, make_agent, make_tool, listener, standin):
    listener.delay = 3
    tool = make_tool(f"{listener.url}/tool")
    standin.store.tools[tool.id]["tool_config"]["response_timeout_secs"] = 0.5
    caller = ask(call, make_agent(tools=[tool]))
    assert caller.wait("agent_tool_response", seconds=2.5)["is_error"] is True
    assert caller.wait("agent_response")["agent_response"].startswith("I cannot look that up right now.")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"result": {"content": "From the content."}, "noise": "x" * 100}, "From the content."),
        ({"result": {"content": ""}}, "I looked, but I found nothing about that."),
        (b"", "I looked, but I found nothing about that."),
        (b"Plain words.", "Plain words."),
        ({"result": {"content": ["short", "the longest of them"]}}, "the longest of them"),
    ],
)
def test_what_the_filter_lets_through_is_said(call, make_agent, make_tool, listener, answer, said):
    listener.answer = answer
    caller = ask(call, make_agent(tools=[make_tool(f"{listener.url}/tool")]))
    assert caller.wait("agent_response")["agent_response"] == said


def test_what_the_filter_hides_is_not_in_the_record(call, make_agent, make_tool, listener, finished):
    listener.answer = {"result": {"content": "Said.", "citations": ["hidden from the model"]}}
    caller = ask(call, make_agent(tools=[make_tool(f"{listener.url}/tool")]))
    caller.wait("agent_response", event_id=2)
    caller.hang_up()
    turns = finished(payload(caller.frames[0])["conversation_id"]).transcript
    (result,) = [result for turn in turns for result in turn.tool_results]
    assert result.result_value == '{"result": {"content": "Said."}}'


def test_query_and_path_parameters_are_filled_and_encoded(call, make_agent, make_tool, listener):
    schema = {
        "url": f"{listener.url}/tool/{{topic}}",
        "method": "GET",
        "request_body_schema": None,
        "path_params_schema": {"topic": {"type": "string", "constant_value": "lamps & torches"}},
        "query_params_schema": {
            "properties": {"q": {"type": "string", "description": "The question."}},
            "required": ["q"],
        },
    }
    ask(call, make_agent(tools=[make_tool("http://x", api_schema=schema)]))
    (request,) = listener.wait(path="/tool")
    assert request.path == "/tool/lamps%20%26%20torches?q=How+long+does+the+lamp+burn%3F"
    assert request.body == b""


def test_with_forced_pre_tool_speech_the_agent_speaks_before_it_looks(call, make_agent, make_tool, listener):
    listener.delay = 0.5
    caller = ask(call, make_agent(tools=[make_tool(f"{listener.url}/tool", pre_tool_speech="force")]))
    caller.wait("agent_tool_response")
    caller.wait("agent_response", event_id=2)
    assert caller.texts()[1:] == ["One moment, let me look that up.", "The lamp burns for forty hours."]


def test_the_full_payload_is_sent_to_who_subscribes(call, make_agent, make_tool, listener):
    events = ["agent_response", "agent_tool_response_full_payload"]
    caller = ask(
        call, make_agent({"conversation": {"client_events": events}}, tools=[make_tool(f"{listener.url}/tool")])
    )
    full = caller.wait("agent_tool_response_full_payload")
    assert full["full_tool_result"] == '{"result": {"content": "The lamp burns for forty hours."}}'
    assert full["truncated"] is False


def test_an_assignment_sets_a_variable_for_later(call, make_agent, make_tool, listener):
    listener.answer = {"result": {"content": "Noted."}, "data": [{"id": 42}]}
    rule = {"source": "response", "dynamic_variable": "order", "value_path": "data.0.id"}
    body = {"properties": {"order": {"type": "string", "dynamic_variable": "order"}}}
    tool = make_tool(f"{listener.url}/tool", assignments=[rule], api_schema={"request_body_schema": body})
    caller = ask(call, make_agent(tools=[tool]), init={"dynamic_variables": {"order": "none"}})
    caller.wait("agent_response", event_id=2)
    caller.type("And now?")
    first, second = listener.wait(2, path="/tool")
    assert (first.json["order"], second.json["order"]) == ("none", 42)


def test_speaking_while_the_tool_runs_gives_up_the_tool_and_answers_the_new_words(
    call, make_agent, make_tool, listener
):
    listener.delay = 3
    caller = ask(call, make_agent(tools=[make_tool(f"{listener.url}/tool")]))
    caller.wait("agent_tool_request")
    caller.type("Who are you?")
    assert caller.wait("agent_tool_response")["is_error"] is True
    assert caller.wait("agent_response", seconds=2.5)["event_id"] == 3


def test_a_tool_that_forbids_interruptions_is_finished_first(call, make_agent, make_tool, listener):
    listener.delay = 1
    tool = make_tool(f"{listener.url}/tool", interruption_mode="disable_during_tool_and_turn")
    caller = ask(call, make_agent(tools=[tool]))
    caller.wait("agent_tool_request")
    caller.type("Who are you?")
    assert caller.wait("agent_tool_response")["is_error"] is False
    assert caller.wait("agent_response")["agent_response"] == "The lamp burns for forty hours."
    assert caller.wait("agent_response")["agent_response"].startswith("I am the assistant here.")


def test_small_talk_calls_no_tool(call, make_agent, make_tool, listener):
    caller = ask(call, make_agent(tools=[make_tool(f"{listener.url}/tool")]), "Thank you very much!")
    assert caller.wait("agent_response")["agent_response"].startswith("You are welcome.")
    assert listener.received == []


def test_without_a_tool_the_agent_says_that_it_has_none(call, make_agent):
    caller = ask(call, make_agent())
    assert "nothing to look that up with" in caller.wait("agent_response")["agent_response"]


def test_repeat_says_the_last_answer_again(call, make_agent, make_tool, listener):
    caller = ask(call, make_agent(tools=[make_tool(f"{listener.url}/tool")]))
    caller.wait("agent_response", event_id=2)
    caller.type("Can you repeat that, please?")
    assert caller.wait("agent_response", event_id=3)["agent_response"] == "The lamp burns for forty hours."
