"""Agents, their tools, and the secrets of those."""

from voice.standin.manual.page import BAD_PAGE, PAGED, Page, missing

AGENT = "/v1/convai/agents"
TOOL = "/v1/convai/tools"
SECRET = "/v1/convai/secrets"
MEANINGLESS = (
    "422: a field of the wrong type, out of range, or an unknown word, named in `loc`",
    "422 both_tools_and_tool_ids_provided: tools inline and by id",
    "400 input_invalid: the speech model does not fit the language (English: flash or turbo v2, others: v2_5)",
    "400 voice_not_found: a voice the account does not have",
    "404 document_not_found: a tool nobody knows",
    "404 webhook_not_found: a webhook nobody knows",
)
CONFIG = {
    "agent": {
        "first_message": "Ask me about lamps.",
        "language": "en",
        "prompt": {"prompt": "You know lamps.", "tool_ids": ["{tool_id}"]},
    },
    "tts": {"model_id": "eleven_flash_v2"},
    "conversation": {
        "client_events": ["conversation_initiation_metadata", "audio", "agent_response", "user_transcript"]
    },
}
LOOK_UP = {
    "tool_config": {
        "type": "webhook",
        "name": "look_up",
        "description": "Looks up the answer to a question.",
        "response_timeout_secs": 8,
        "api_schema": {
            "url": "https://example.org/tool",
            "method": "POST",
            "request_headers": {"X-Token": {"secret_id": "{secret_id}"}},
            "request_body_schema": {
                "type": "object",
                "properties": {
                    "query": {"type": "string", "description": "The question."},
                    "conversation_id": {"type": "string", "dynamic_variable": "system__conversation_id"},
                },
            },
            "response_filter": {"mode": "allow", "filters": ["result.content"]},
        },
    }
}
TOOL_FIELDS = "tool_config (required: type, name, description; for webhook also api_schema.url), response_mocks"
BAD_TOOL = (
    "422: a field of the wrong type or out of range; a property with none, or two, of description, dynamic_variable, "
    "constant_value, is_system_provided, is_omitted",
    "404 secret_not_found: a header with a secret nobody knows",
)

PAGES = {
    f"POST {AGENT}/create": Page(
        "Makes an agent; every setting that is not given has the real default.",
        "conversational_ai.agents.create",
        "conversation_config (required), platform_settings, name, tags, workflow",
        (*MEANINGLESS, "422 quota_exceeded: more agents than `PATCH /standin/limits` allows"),
        {"name": "Lamps", "tags": ["shop"], "conversation_config": CONFIG},
    ),
    f"GET {AGENT}": Page(
        "A page of agents, latest first.",
        "conversational_ai.agents.list",
        f"{PAGED}, search (in the name), tags (repeated: all of them), archived, sort_by (name, created_at, updated_at), "
        "sort_direction (asc, desc)",
        (BAD_PAGE,),
        query="page_size=10&tags=shop",
    ),
    f"GET {AGENT}/{{agent_id}}": Page("The whole agent.", "conversational_ai.agents.get", "", (missing("agent"),)),
    f"PATCH {AGENT}/{{agent_id}}": Page(
        "Lays what is given over the agent, lists replaced; the whole agent comes back, with a new version.",
        "conversational_ai.agents.update",
        "conversation_config, platform_settings, name, tags, workflow",
        (missing("agent"), *MEANINGLESS),
        {"conversation_config": {"agent": {"first_message": "Welcome back."}}},
    ),
    f"DELETE {AGENT}/{{agent_id}}": Page(
        "Deletes the agent. The answer is empty.", "conversational_ai.agents.delete", "", (missing("agent"),)
    ),
    f"POST {AGENT}/{{agent_id}}/duplicate": Page(
        "A second agent with the same settings.",
        "conversational_ai.agents.duplicate",
        "name",
        (missing("agent"),),
        {"name": "Lamps again"},
    ),
    f"GET {AGENT}/{{agent_id}}/link": Page(
        "The agent's shareable link; there is never a token.",
        "conversational_ai.agents.link.get",
        "",
        (missing("agent"),),
    ),
    f"POST {TOOL}": Page("Makes a tool.", "conversational_ai.tools.create", TOOL_FIELDS, BAD_TOOL, LOOK_UP),
    f"GET {TOOL}": Page(
        "A page of tools.",
        "conversational_ai.tools.list",
        f"{PAGED}, search (in the name), types (repeated), used_by_agent_id",
        (BAD_PAGE,),
        query="search=look_up",
    ),
    f"GET {TOOL}/{{tool_id}}": Page("The tool.", "conversational_ai.tools.get", "", (missing("tool"),)),
    f"PATCH {TOOL}/{{tool_id}}": Page(
        "Replaces the tool's configuration.",
        "conversational_ai.tools.update",
        TOOL_FIELDS,
        (missing("tool"), *BAD_TOOL),
        LOOK_UP,
    ),
    f"DELETE {TOOL}/{{tool_id}}": Page(
        "Deletes the tool; by force also from under the agents that have it.",
        "conversational_ai.tools.delete",
        "force",
        (missing("tool"), "400 tool_in_use: agents have it and `force` was not given"),
        query="force=true",
    ),
    f"GET {TOOL}/{{tool_id}}/dependent-agents": Page(
        "The agents that have the tool.",
        "conversational_ai.tools.get_dependent_agents",
        PAGED,
        (missing("tool"), BAD_PAGE),
    ),
    f"GET {TOOL}/{{tool_id}}/executions": Page(
        "Every call of the tool in the conversations on record, latest first: what was sent, what came back, how long it took.",
        "conversational_ai.tools.executions.get",
        f"{PAGED}, is_error, agent_id, branch_id, start_time (Unix seconds), end_time",
        (missing("tool"), BAD_PAGE),
        query="is_error=false",
    ),
    f"POST {SECRET}": Page(
        "Keeps a secret; its value is never told again.",
        "conversational_ai.secrets.create",
        "name (required), value (required), type (new)",
        ("400 secret_already_exists: the name is taken",),
        {"type": "new", "name": "another-token", "value": "hush"},
    ),
    f"GET {SECRET}": Page(
        "The secrets by name, with the tools and agents that use them.",
        "conversational_ai.secrets.list",
        "page_size (1 to 100, 100 unless given), cursor, search (in the name)",
        (BAD_PAGE,),
        query="search=token",
    ),
    f"GET {SECRET}/{{secret_id}}": Page(
        "One secret, without its value.", "conversational_ai.secrets.get", "", (missing("secret"),)
    ),
    f"PATCH {SECRET}/{{secret_id}}": Page(
        "Replaces the value, for every tool that sends it.",
        "conversational_ai.secrets.update",
        "name (required), value (required), type (update)",
        (missing("secret"),),
        {"type": "update", "name": "token", "value": "hush hush"},
    ),
    f"DELETE {SECRET}/{{secret_id}}": Page(
        "Deletes the secret. The answer is empty.",
        "conversational_ai.secrets.delete",
        "",
        (missing("secret"), "400 secret_in_use: a tool sends it"),
    ),
}
