"""Tools that run on the client's side, and tools that are only pretended to run."""

import pytest


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
