"""Tools that the official browser client runs, and what of them reaches the agent."""

import pytest

OF = {"type": "object", "properties": {"of": {"type": "string", "description": "Of what."}}}


@pytest.fixture
def use(bench, chat):
    """Say the words of a client tool: the visitor, once the agent has answered, and the record's entry."""

    def use(name, **options):
        words = name.replace("_", " ").capitalize()
        visitor = chat(tools=[bench.workspace.client_tool(name, parameters=OF)], options=options)
        visitor.do("sendUserMessage", words)
        return visitor

    return use


def noted(bench, visitor):
    visitor.wait("onMessage", lambda message: message["event_id"] == 2)
    visitor.do("endSession")
    (result,) = [found for turn in bench.workspace.finished(visitor.id).transcript for found in turn.tool_results]
    return result.result_value, result.is_error


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("show_sources", '{"shown":3}'),
        ("read_aloud", "read: Read aloud"),
        ("count_pages", "42"),
        ("open_map", "Client tool execution successful."),
    ],
    ids=["an object", "a text", "a number", "nothing"],
)
def test_what_a_tool_returns_reaches_the_agent_as_text(bench, use, name, result):
    assert noted(bench, use(name)) == (result, False)


def test_a_tool_that_throws_is_an_error_on_both_sides(bench, use):
    visitor = use("play_music")
    assert noted(bench, visitor) == ("Client tool execution failed: no music here", True)
    assert visitor.notes("onMessage")[1]["message"].startswith("That did not work")
    (error,) = visitor.notes("onError")
    assert "no music here" in error["message"]
    assert error["context"] == {"clientToolName": "play_music"}


def test_a_tool_the_client_does_not_know_is_an_error_on_both_sides(bench, use):
    visitor = use("close_door")
    said = "Client tool with name close_door is not defined on client"
    assert noted(bench, visitor) == (said, True)
    assert visitor.notes("onError")[0]["message"] == said


def test_who_takes_unhandled_calls_must_answer_them(bench, use):
    visitor = use("close_door", takeUnhandled=True)
    call = visitor.wait("onUnhandledClientToolCall")
    assert (call["tool_name"], call["parameters"]) == ("close_door", {"of": "Close door"})
    answer = {"type": "client_tool_result", "tool_call_id": call["tool_call_id"], "result": "shut", "is_error": False}
    visitor.page.evaluate("answer => bench.talk.connection.sendMessage(answer)", answer)
    assert noted(bench, visitor) == ("shut", False)
    assert visitor.notes("onError") == []


def test_a_tool_nobody_waits_for_lets_the_agent_go_on(bench, chat):
    tool = bench.workspace.client_tool("open_map", expects_response=False)
    visitor = chat(tools=[tool])
    visitor.do("sendUserMessage", "Open map")
    assert noted(bench, visitor) == ("", False)
    assert [sent["type"] for sent in visitor.notes("onOutgoingEvent")].count("client_tool_result") == 1


def test_variables_and_the_user_arrive_with_the_introduction(bench, chat):
    options = {"dynamicVariables": {"name": "Ada", "age": 36, "member": True}, "userId": "user-7"}
    config = {"agent": {"first_message": "Ask me. {{name}}, {{age}}, {{member}}."}, "conversation": {"text_only": True}}
    visitor = chat(config=config, options=options)
    visitor.wait_for_words("Ada, 36, true.")
    assert bench.workspace.api.conversations.get(visitor.id).user_id == "user-7"


def test_an_override_the_agent_allows_is_heard(bench, chat):
    allowed = {"overrides": {"conversation_config_override": {"agent": {"first_message": True}}}}
    options = {"overrides": {"agent": {"firstMessage": "Ask me. Mine."}}}
    chat(platform=allowed, options=options).wait_for_words("Mine.")
