"""The stand-in's own controls. They ask for no key."""

from voice.standin.manual.page import Page, missing

CALL = "/standin/calls/{conversation_id}"

PAGES = {
    "GET /standin/": Page("What this is and how it is doing."),
    "GET /standin/faults": Page("The rules in force, with how often each has struck."),
    "POST /standin/faults": Page(
        "A rule by which something fails; see the README for what `do` may be.",
        takes="on (required: http, websocket, webhook), do (required), path, method, percent, times, seconds, status, retry_after, "
        "says, code, reason, after",
        refuses=("422: a rule that means nothing",),
        body={"on": "http", "do": "status", "status": 429, "retry_after": 30, "path": "/v1/convai/nowhere", "times": 3},
        answers=201,
    ),
    "DELETE /standin/faults": Page("Drops every rule."),
    "DELETE /standin/faults/{fault_id}": Page("Drops one rule."),
    "GET /standin/requests": Page("The latest requests, oldest first.", takes="path (what theirs begins with)"),
    "DELETE /standin/requests": Page("Forgets them."),
    "GET /standin/deliveries": Page("Webhook events with every attempt."),
    "POST /standin/deliveries": Page(
        "Sends any event, signed, to the workspace's or an agent's webhook.",
        takes="type (required), data (required), chunked, agent_id",
        refuses=("422: there is no webhook to send it to",),
        body={"type": "call_initiation_failure", "data": {"conversation_id": "conv_1", "agent_id": "{agent_id}"}},
        answers=202,
    ),
    "POST /standin/deliveries/{delivery_id}/resend": Page(
        "The same bytes once more.", refuses=(missing("delivery"),), answers=202
    ),
    "PATCH /standin/webhooks/{webhook_id}": Page(
        "Sets what only time would bring.",
        takes="is_auto_disabled, failures, last_success, most_recent_failure_error_code, most_recent_failure_timestamp",
        refuses=(missing("webhook"),),
        body={"is_auto_disabled": True},
    ),
    "GET /standin/limits": Page("What the account allows."),
    "PATCH /standin/limits": Page(
        "Changes what the account allows.",
        takes="concurrency (calls), credits, credits_used, requests (at a time; null for any number), agents (likewise)",
        body={"concurrency": 5},
    ),
    "GET /standin/calls": Page("Calls under way, with what was said so far."),
    f"POST {CALL}/close": Page(
        "Ends a call with a code and a reason.",
        takes="code (1000 to 4999, 1000 unless given), reason",
        refuses=(missing("call"),),
        body={"code": 1011, "reason": "By hand"},
    ),
    f"POST {CALL}/drop": Page("Resets a call's connection.", refuses=(missing("call"),)),
    f"POST {CALL}/fail": Page(
        "Lets one call meet a fault now, as a rule on the websocket says it.",
        takes="do (required; close, drop, half_frame, silence, hang, garbage, latency), after, seconds, code, reason",
        refuses=(missing("call"), "422: a fault that does not strike in mid call"),
        body={"do": "half_frame"},
        answers=202,
    ),
    "POST /standin/hear": Page(
        "Which sentence a WAV in the body is understood as, or null.", refuses=("422: it is no WAV",)
    ),
    "POST /standin/reset": Page("Forgets agents, tools, conversations, faults, keys and logs."),
    "GET /standin/voices/{voice_id}/sample.wav": Page("A voice introducing itself.", refuses=(missing("voice"),)),
    "GET /standin/keys": Page("The keys that were described, and every permission there is."),
    "POST /standin/keys": Page(
        "Limits what a key may do.",
        takes="key (required), permissions (a list; without it, everything), revoked",
        refuses=("422: an unknown permission",),
        body={"key": "only-reads", "permissions": ["convai_read"]},
    ),
    "DELETE /standin/keys/{key}": Page("The key is like any other again.", refuses=(missing("key"),)),
    "POST /standin/conversations": Page(
        "Puts a past call on record that nobody had; the same id again replaces it.",
        takes="agent_id (required), conversation_id, start_time_unix_secs, call_duration_secs, status, transcript (role, message, "
        "time_in_call_secs, and whatever a turn has), user_id, dynamic_variables, source, text_only, termination_reason, error "
        "(code, reason), report (true sends the signed report)",
        refuses=(missing("agent"), "422: a record that no call could have left"),
        body={"agent_id": "{agent_id}", "transcript": [{"role": "user", "message": "How long does the lamp burn?"}]},
        answers=201,
    ),
    "POST /standin/callees": Page(
        "What a number does when an agent calls it. One that nothing was said of answers and says nothing.",
        takes="number (required), result (answered, busy, no_answer), say (a list of sentences)",
        refuses=("422: another word, or no number",),
        body={"number": "+41310000009", "result": "busy"},
    ),
    "POST /standin/dial": Page(
        "Somebody calls one of the account's numbers.",
        takes="from (required), to (required), say (a list of sentences), spoken, call_sid, names_conversation",
        refuses=("404 document_not_found: no agent answers that number", "422: a field is missing"),
        body={"from": "+41310000009", "to": "+41310000001", "say": ["How long does the lamp burn?"]},
    ),
    "GET /docs": Page("This page."),
}
