"""The server's messages on the WebSocket, one function each; `type` stands last, as in frames of the real service."""


def metadata(conversation_id: str, output: str, user_input: str) -> dict:
    """The first message of every conversation."""
    event = {
        "conversation_id": conversation_id,
        "agent_output_audio_format": output,
        "user_input_audio_format": user_input,
    }
    return {"conversation_initiation_metadata_event": event, "type": "conversation_initiation_metadata"}


def audio(data: str, event_id: int, chars: list[str], starts: list[float], lengths: list[float]) -> dict:
    """A chunk of speech in base64; seconds become milliseconds within the chunk."""
    alignment = {
        "chars": chars,
        "char_start_times_ms": [round(at * 1000) for at in starts],
        "char_durations_ms": [round(length * 1000) for length in lengths],
    }
    return {"audio_event": {"audio_base_64": data, "event_id": event_id, "alignment": alignment}, "type": "audio"}


def user_transcript(text: str, event_id: int) -> dict:
    """What the visitor said, finally."""
    return {"user_transcription_event": {"user_transcript": text, "event_id": event_id}, "type": "user_transcript"}


def tentative_transcript(text: str, event_id: int) -> dict:
    """What the visitor seems to be saying."""
    event = {"user_transcript": text, "event_id": event_id}
    return {"tentative_user_transcription_event": event, "type": "tentative_user_transcript"}


def agent_response(text: str, event_id: int) -> dict:
    """The whole text of an utterance."""
    return {"agent_response_event": {"agent_response": text, "event_id": event_id}, "type": "agent_response"}


def correction(original: str, corrected: str, event_id: int) -> dict:
    """After an interruption: what was heard of an utterance."""
    event = {"original_agent_response": original, "corrected_agent_response": corrected, "event_id": event_id}
    return {"agent_response_correction_event": event, "type": "agent_response_correction"}


def part(text: str, kind: str, event_id: int) -> dict:
    """A piece of streamed text: kind is start, delta or stop."""
    return {
        "text_response_part": {"text": text, "type": kind, "event_id": event_id},
        "type": "agent_chat_response_part",
    }


def complete(event_id: int) -> dict:
    """Everything of this turn was generated."""
    return {"agent_response_complete_event": {"event_id": event_id}, "type": "agent_response_complete"}


def context_usage(event_id: int, model: str, tokens: int, limit: int) -> dict:
    """How much of what the language model can read at once is used up after this turn."""
    event = {"event_id": event_id, "model": model, "context_tokens": tokens, "context_limit_tokens": limit}
    return {"context_usage_event": event, "type": "context_usage"}


def interruption(event_id: int) -> dict:
    """Stop playing: this turn was cut."""
    return {"interruption_event": {"event_id": event_id}, "type": "interruption"}


def ping(event_id: int, milliseconds: int | None) -> dict:
    """A heartbeat; `milliseconds` is the last round trip."""
    return {"ping_event": {"event_id": event_id, "ping_ms": milliseconds}, "type": "ping"}


def vad_score(score: float) -> dict:
    """How likely the visitor is speaking, 0 to 1."""
    return {"vad_score_event": {"vad_score": score}, "type": "vad_score"}


def tool_request(name: str, call_id: str, kind: str, event_id: int) -> dict:
    """A server-side tool is about to run."""
    event = {"tool_name": name, "tool_call_id": call_id, "tool_type": kind, "event_id": event_id}
    return {"agent_tool_request": event, "type": "agent_tool_request"}


def tool_response(name: str, call_id: str, kind: str, event_id: int, is_error: bool = False) -> dict:
    """A tool has run."""
    event = {
        "tool_name": name,
        "tool_call_id": call_id,
        "tool_type": kind,
        "is_error": is_error,
        "is_called": True,
        "is_blocked": False,
        "status": "error" if is_error else "success",
        "event_id": event_id,
    }
    return {"agent_tool_response": event, "type": "agent_tool_response"}


def tool_payload(response: dict, result: str) -> dict:
    """A tool's response with what it returned; cut at 8,000 characters."""
    event = {**response["agent_tool_response"], "full_tool_result": result[:8000], "truncated": len(result) > 8000}
    return {"agent_tool_response_full_payload": event, "type": "agent_tool_response_full_payload"}


def client_tool_call(name: str, call_id: str, parameters: dict, event_id: int, expects_response: bool) -> dict:
    """Please run this on the client."""
    event = {
        "tool_name": name,
        "tool_call_id": call_id,
        "parameters": parameters,
        "event_id": event_id,
        "expects_response": expects_response,
    }
    return {"client_tool_call": event, "type": "client_tool_call"}


def queue_status(status: str) -> dict:
    """waiting, admitted or timed_out."""
    return {"queue_status_event": {"status": status}, "type": "queue_status"}


def error(code: int, message: str, kind: str) -> dict:
    """Something went wrong; subscribed to as `client_error`."""
    return {"error_event": {"code": code, "message": message, "error_type": kind}, "type": "error"}
