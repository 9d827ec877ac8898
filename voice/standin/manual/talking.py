"""Conversations, the addresses that open them, and the phone numbers that may."""

from voice.standin.manual.page import BAD_PAGE, PAGED, Page, missing

CALL = "/v1/convai/conversations"
NUMBER = "/v1/convai/phone-numbers"
SIGNED = Page(
    "An address (ws:// or wss://) that opens a conversation with the agent within 15 minutes; with include_conversation_id once, "
    "under an id that stands in the address.",
    "conversational_ai.conversations.get_signed_url",
    "agent_id (required), include_conversation_id",
    (missing("agent"),),
    query="agent_id={agent_id}&include_conversation_id=true",
)
NO_CALL = missing("conversation")
LISTED = (
    f"{PAGED}, agent_id, user_id, branch_id, version_id, call_start_after_unix (Unix seconds, that second included), "
    "call_start_before_unix (likewise), call_duration_min_secs, call_duration_max_secs, call_successful (success, failure, "
    "unknown), exclude_statuses (repeated: initiated, in-progress, processing, done, failed), text_only, rating_min, rating_max, "
    "has_feedback_comment, main_languages (repeated), conversation_initiation_source, tool_names (repeated: all of them), "
    "summary_mode (exclude, include), sort_direction (asc, desc)"
)

PAGES = {
    "GET /v1/convai/conversation/get-signed-url": SIGNED,
    "GET /v1/convai/conversation/get_signed_url": SIGNED,
    "GET /v1/convai/conversation/token": Page(
        "Always refused, at once: there is no LiveKit server here, so use a signed URL.",
        "conversational_ai.conversations.get_webrtc_token",
        "agent_id (required)",
        (
            missing("agent"),
            "401 needs_authorization: asked without a key for an agent with enable_auth",
            "404 webrtc_not_available: in every other case",
        ),
        query="agent_id={agent_id}",
        answers=404,
    ),
    f"GET {CALL}": Page(
        "A page of conversations, latest first.",
        "conversational_ai.conversations.list",
        LISTED,
        (BAD_PAGE, "422: a filter that says nothing, named in `loc`"),
        query="agent_id={agent_id}&call_start_after_unix=1700000000&exclude_statuses=processing&summary_mode=include",
    ),
    f"GET {CALL}/{{conversation_id}}": Page(
        "The whole record: turns, tool calls, metadata, analysis. The transcript is empty while the call goes on.",
        "conversational_ai.conversations.get",
        "",
        (NO_CALL,),
    ),
    f"DELETE {CALL}/{{conversation_id}}": Page(
        "Deletes the record and the recording.", "conversational_ai.conversations.delete", "", (NO_CALL,)
    ),
    f"GET {CALL}/{{conversation_id}}/audio": Page(
        "Both sides as one WAV (the real one sends MP3). The latest twenty recordings are there.",
        "conversational_ai.conversations.audio.get",
        "",
        (NO_CALL, "404 conversation_audio_not_found: nothing was recorded, or it is not kept any more"),
    ),
    f"POST {CALL}/{{conversation_id}}/feedback": Page(
        "Keeps what a visitor thought of the call. Browsers send it without a key.",
        "conversational_ai.conversations.feedback.create",
        "feedback (like, dislike), rating (1 to 5; the browser client's), comment (likewise)",
        (NO_CALL, "422: another word or number"),
        {"feedback": "like"},
    ),
    f"POST {CALL}/{{conversation_id}}/files": Page(
        "Takes a file of at most 20 MB (multipart, `file`); its name and kind are kept. Browsers send it without a key.",
        "conversational_ai.conversations.files.create",
        "file (required)",
        (
            NO_CALL,
            "400 too_many_files: the conversation has ten already",
            "413 file_too_large: more than 20 MB",
            "422: there is no part called `file`",
        ),
    ),
    f"DELETE {CALL}/{{conversation_id}}/files/{{file_id}}": Page(
        "Lets a file go: a message can name it no more.",
        "conversational_ai.conversations.files.delete",
        "",
        (NO_CALL, missing("file")),
    ),
    f"POST {NUMBER}": Page(
        "Imports a phone number. Nothing is dialled anywhere: `POST /standin/dial` calls it.",
        "conversational_ai.phone_numbers.create",
        "provider (twilio, sip_trunk, exotel), phone_number (required), label (required), sid (required for twilio), "
        "token (likewise), agent_id, supports_inbound, supports_outbound",
        (
            "400 phone_number_already_exists: it is imported already",
            missing("agent"),
            "422: a field is missing or no number",
        ),
        {"provider": "twilio", "phone_number": "+41310000002", "label": "Desk", "sid": "AC1", "token": "hush"},
    ),
    f"GET {NUMBER}": Page(
        "Every phone number, as an array.",
        "conversational_ai.phone_numbers.list",
        "",
    ),
    "GET /v1/convai/v2/phone-numbers": Page(
        "A page of phone numbers.",
        "conversational_ai.phone_numbers.list_v_2",
        f"{PAGED}, search, provider, agent_id, phone_number, label, supports_outbound, sort_by (label, phone_number), "
        "sort_direction (asc, desc)",
        (BAD_PAGE,),
        query="agent_id={agent_id}",
    ),
    f"GET {NUMBER}/{{phone_number_id}}": Page(
        "The number, with the agent that answers it.",
        "conversational_ai.phone_numbers.get",
        "",
        (missing("phone number"),),
    ),
    f"PATCH {NUMBER}/{{phone_number_id}}": Page(
        "Gives the number to another agent, to none (null), or another label.",
        "conversational_ai.phone_numbers.update",
        "agent_id, label",
        (missing("phone number"), missing("agent")),
        {"agent_id": "{agent_id}"},
    ),
    f"DELETE {NUMBER}/{{phone_number_id}}": Page(
        "Lets the number go.", "conversational_ai.phone_numbers.delete", "", (missing("phone number"),)
    ),
    "POST /v1/convai/twilio/outbound-call": Page(
        "Lets an agent call somebody, who does what `POST /standin/callees` said. Status 200 also for a call that cannot be "
        "made: then `success` is false, and `message` says why.",
        "conversational_ai.twilio.outbound_call",
        "agent_id (required), agent_phone_number_id (required), to_number (required), conversation_initiation_client_data",
        (missing("agent"), missing("phone number"), "422: a field is missing"),
        {"agent_id": "{agent_id}", "agent_phone_number_id": "{phone_number_id}", "to_number": "+41310000003"},
    ),
}
