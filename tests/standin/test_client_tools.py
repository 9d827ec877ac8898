"""Tools that run on the client's side, and tools that are only pretended to run."""

import json

import pytest

from voice.standin import mind


def ask(call, agent_id, question, **options):
    caller = call(agent_id, **options)
    caller.wait("agent_response", event_id=1)
    caller.type(question)
    return caller


@pytest.fixture
def client_tool(api):
    parameters = {"type": "object", "properties": {"of": {"type": "string", "description": "Of what."}}}
    config = {"type": "client", "name": "show_sources", "description": "Shows them.", "parameters": parameters}
    return api.tools.create(request={"tool_config": {**config, "expects_response": True, "response_timeout_secs": 1}})


def test_a_client_tool_is_called_by_its_name_and_its_result_awaited(call, make_agent, client_tool):
    caller = ask(call, make_agent(tools=[client_tool]), "Show the sources, please")
    asked = caller.wait("client_tool_call")
    assert (asked["tool_name"], asked["expects_response"]) == ("show_sources", True)
    assert asked["parameters"] == {"of": "Show the sources, please"}
    result = {"type": "client_tool_result", "tool_call_id": asked["tool_call_id"], "result": {"any": "JSON"}}
    caller.send({**result, "is_error": False})
    assert caller.wait("agent_response")["agent_response"] == "Done."


def test_a_client_tool_that_fails_or_never_answers_is_said_to_have_failed(call, make_agent, client_tool):
    caller = ask(call, make_agent(tools=[client_tool]), "Show sources")
    assert caller.wait("agent_response", event_id=2)["agent_response"].startswith("That did not work")
    caller.type("Show sources")
    asked = caller.wait("client_tool_call", event_id=3)
    result = {"type": "client_tool_result", "tool_call_id": asked["tool_call_id"], "result": "no", "is_error": True}
    caller.send(result)
    assert caller.wait("agent_response", event_id=3)["agent_response"].startswith("That did not work")


def test_mocked_tools_answer_without_any_request(call, api, make_agent, make_tool, listener):
    tool = make_tool(f"{listener.url}/tool")
    config = {"type": "webhook", "name": "query_knowledge", "description": "x", "api_schema": {"url": listener.url}}
    mocks = [{"parameter_conditions": [], "mock_result": "Out of a mock."}]
    api.tools.update(tool.id, request={"tool_config": config, "response_mocks": mocks})
    caller = ask(
        call,
        make_agent(tools=[tool]),
        "How long does the lamp burn?",
        init={"tool_mock_config": {"mocking_strategy": "all"}},
    )
    assert caller.wait("agent_response")["agent_response"] == "Out of a mock."
    assert listener.received == []


def tool(name, **words):
    properties = {key: {"type": "string", "description": "Which.", "enum": list(one)} for key, one in words.items()}
    parameters = {"type": "object", "properties": properties}
    return {"tool_config": {"type": "client", "name": name, "description": "Does it.", "parameters": parameters}}


COMMANDS = [
    tool("repeat_answer"),
    tool("set_speaking_speed", speed=("slower", "faster", "normal")),
    tool("show_sources"),
    tool("stop_speaking"),
]


@pytest.mark.parametrize(
    ("said", "name"),
    [("Say that again.", "repeat_answer"), ("Repeat.", "repeat_answer"), ("Please repeat that.", "repeat_answer"),
     ("Slower.", "set_speaking_speed"), ("Speak slower, please.", "set_speaking_speed"),
     ("Can you speak a little faster?", "set_speaking_speed"), ("Show me the source.", "show_sources"),
     ("Show the sources.", "show_sources"), ("Stop.", "stop_speaking"), ("Stop speaking!", "stop_speaking")],
)  # fmt: skip
def test_a_short_command_calls_the_tool_that_it_names_or_whose_word_it_says(said, name):
    intent = mind.decide(said, COMMANDS)
    assert (intent.kind, intent.tool["tool_config"]["name"]) == ("client", name)


@pytest.mark.parametrize(
    "said",
    ["Show prices", "Stop at pier two?", "What is the answer?", "Where does the ferry stop?", "Normal tickets, please",
     "Which sources does the harbour use?"],
)  # fmt: skip
def test_a_question_that_shares_a_word_with_a_command_stays_a_question(said):
    assert mind.decide(said, COMMANDS).kind != "client"


@pytest.mark.parametrize(("result", "words"), [({"say": "The ferry leaves at nine."}, "The ferry leaves at nine."),
                                               ({"say": 5}, "Done."), ({}, "Done.")])  # fmt: skip
def test_the_words_that_a_result_holds_are_said(call, make_agent, client_tool, result, words):
    caller = ask(call, make_agent(tools=[client_tool]), "Show sources")
    call_id = caller.wait("client_tool_call")["tool_call_id"]
    caller.send(
        {"type": "client_tool_result", "tool_call_id": call_id, "result": json.dumps(result), "is_error": False}
    )
    assert caller.wait("agent_response", event_id=2)["agent_response"] == words


def test_a_result_with_empty_words_is_followed_by_silence(call, make_agent, client_tool):
    caller = ask(call, make_agent(tools=[client_tool]), "Show sources")
    call_id = caller.wait("client_tool_call")["tool_call_id"]
    caller.send({"type": "client_tool_result", "tool_call_id": call_id, "result": '{"say": ""}', "is_error": False})
    caller.type("Thank you.")
    assert caller.wait("agent_response", event_id=3)["agent_response"].startswith("You are welcome")
    assert len(caller.texts()) == 2  # the greeting and this
