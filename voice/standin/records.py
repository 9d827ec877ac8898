"""What is kept of a call: the conversation as `GET /v1/convai/conversations/{id}` gives it."""

import time

SCORES = ("like", "dislike")
LIVE = ("initiated", "in-progress")
OVER = ("done", "failed")
STATUSES = (*LIVE, "processing", *OVER)
CREDITS_A_SECOND = 10
SOURCES = ("js_sdk", "react_sdk", "python_sdk", "widget", "android_sdk", "swift_sdk", "flutter_sdk", "node_js_sdk")


def start(conversation_id: str, agent: dict, how: str, init: dict) -> dict:
    """The record of a call that is just being set up."""
    source = init.get("source_info") if isinstance(init.get("source_info"), dict) else {}
    return {
        "agent_id": agent["agent_id"],
        "agent_name": agent["name"],
        "status": "initiated",
        "user_id": init.get("user_id") if isinstance(init.get("user_id"), str) else None,
        "branch_id": agent["branch_id"],
        "version_id": agent["version_id"],
        "metadata": _metadata(agent, how, source),
        "analysis": None,
        "conversation_initiation_client_data": introduce(init),
        "environment": init.get("environment") or "production",
        "conversation_id": conversation_id,
        "has_audio": False,
        "has_user_audio": False,
        "has_response_audio": False,
        "has_auxiliary_audio": False,
        "transcript": [],
        "tag_ids": [],
    }


def add_turn(record: dict, role: str, message: str | None, event_id: int, seconds: float, **more) -> dict:
    """Add one thing said (or one batch of tool calls) to the transcript; gives the turn, which may still change."""
    turn = {
        "role": role,
        "agent_metadata": {"agent_id": record["agent_id"], "branch_id": record["branch_id"], "workflow_node_id": None}
        if role == "agent"
        else None,
        "message": message,
        "multivoice_message": None,
        "tool_calls": [],
        "tool_results": [],
        "feedback": None,
        "llm_override": None,
        "time_in_call_secs": int(seconds),
        "conversation_turn_metrics": None,
        "rag_retrieval_info": None,
        "llm_usage": None,
        "interrupted": False,
        "original_message": None,
        "source_medium": None,
        "source_event_id": event_id,
        "created_at_unix_ms": int(time.time() * 1000),
        **more,
    }
    record["transcript"].append(turn)
    return turn


def note_metric(turn: dict, name: str, seconds: float) -> None:
    """Add a measured time to a turn's metrics."""
    metrics = turn["conversation_turn_metrics"] or {"metrics": {}}
    metrics["metrics"][name] = {"elapsed_time": round(seconds, 4)}
    turn["conversation_turn_metrics"] = metrics


def end(record: dict, seconds: float, reason: str, error: dict | None) -> int:
    """Close the record: `processing` follows. Gives the credits the call cost."""
    metadata = record["metadata"]
    cost = int(seconds * CREDITS_A_SECOND)
    metadata.update(call_duration_secs=round(seconds), cost=cost, termination_reason=reason, error=error)
    metadata["cost_fiat"] = round(cost * 0.00011, 4)
    metadata["charging"]["call_charge"] = cost
    record["status"] = "processing"
    return cost


def rate(record: dict, body: dict, event_id: int | None = None) -> None:
    """Keep a like or dislike (of one turn when its id is given, the latest one counts), or stars and a comment."""
    feedback, score = record["metadata"]["feedback"], body.get("feedback") or body.get("score")
    if event_id is not None:
        return _rate_turn(record, event_id, score)
    if score in SCORES:
        feedback.update(type="thumbs", overall_score=score)
        feedback[score + "s"] += 1
    if body.get("rating") is not None:
        feedback.update(type="rating", rating=body["rating"])
    if body.get("comment"):
        feedback["comment"] = body["comment"]
    return None


def _rate_turn(record: dict, event_id: int, score) -> None:
    feedback = record["metadata"]["feedback"]
    for turn in [t for t in record["transcript"] if t["source_event_id"] == event_id and t["role"] == "agent"][-1:]:
        before = (turn["feedback"] or {}).get("score")
        turn["feedback"] = None
        if before:
            feedback[before + "s"] -= 1
        if score in SCORES:
            feedback["type"] = "thumbs"
            feedback[score + "s"] += 1
            turn["feedback"] = {"score": score, "time_in_call_secs": turn["time_in_call_secs"]}


def describe(record: dict) -> dict:
    """The whole record; of a call under way the transcript is not shown yet."""
    shown = dict(record)
    if record["status"] in LIVE:
        shown["transcript"] = []
    roles = [turn["role"] for turn in record["transcript"] if turn["message"]]
    return {**shown, "user_message_count": roles.count("user"), "agent_message_count": roles.count("agent")}


def summarise(record: dict) -> dict:
    """The record's row in the list of conversations."""
    metadata, analysis = record["metadata"], record["analysis"] or {}
    roles = [turn["role"] for turn in record["transcript"] if turn["message"]]
    calls = [call["tool_name"] for turn in record["transcript"] for call in turn["tool_calls"]]
    return {
        "agent_id": record["agent_id"],
        "branch_id": record["branch_id"],
        "version_id": record["version_id"],
        "agent_name": record["agent_name"],
        "conversation_id": record["conversation_id"],
        "start_time_unix_secs": metadata["start_time_unix_secs"],
        "call_duration_secs": metadata["call_duration_secs"],
        "cost": metadata["cost"],
        "cost_fiat": metadata["cost_fiat"],
        "message_count": len(roles),
        "user_message_count": roles.count("user"),
        "agent_message_count": roles.count("agent"),
        "status": record["status"],
        "termination_reason": metadata["termination_reason"],
        "call_successful": analysis.get("call_successful", "unknown"),
        "call_success_score": analysis.get("call_success_score"),
        "transcript_summary": analysis.get("transcript_summary"),
        "call_summary_title": analysis.get("call_summary_title"),
        "main_language": metadata["main_language"],
        "conversation_initiation_source": metadata["conversation_initiation_source"],
        "tool_names": sorted(set(calls)),
        "direction": (metadata["phone_call"] or {}).get("direction"),
        "rating": metadata["feedback"]["rating"],
        "tag_ids": record["tag_ids"],
    }


def _metadata(agent: dict, how: str, source: dict) -> dict:
    return {
        "start_time_unix_secs": int(time.time()),
        "accepted_time_unix_secs": None,
        "call_duration_secs": 0,
        "cost": 0,
        "cost_fiat": 0.0,
        "deletion_settings": {
            "deletion_time_unix_secs": None,
            "delete_transcript_and_pii": False,
            "delete_audio": False,
        },
        "feedback": {"type": None, "overall_score": None, "likes": 0, "dislikes": 0, "rating": None, "comment": None},
        "authorization_method": how,
        "charging": {"dev_discount": False, "is_burst": False, "tier": "scale", "call_charge": 0, "llm_charge": 0},
        "phone_call": None,
        "batch_call": None,
        "termination_reason": "",
        "error": None,
        "warnings": [],
        "main_language": agent["conversation_config"]["agent"]["language"],
        "rag_usage": None,
        "text_only": False,
        "features_usage": {},
        "initiator_id": None,
        "conversation_initiation_source": source.get("source") if source.get("source") in SOURCES else "unknown",
        "conversation_initiation_source_version": source.get("version"),
        "timezone": None,
    }


def introduce(init: dict) -> dict:
    """What the client, or the initiation webhook, began the conversation with."""
    source = init.get("source_info") if isinstance(init.get("source_info"), dict) else {}
    return {
        "conversation_config_override": init.get("conversation_config_override") or {},
        "custom_llm_extra_body": init.get("custom_llm_extra_body") or {},
        "user_id": init.get("user_id"),
        "source_info": source,
        "branch_id": init.get("branch_id"),
        "environment": init.get("environment"),
        "dynamic_variables": init.get("dynamic_variables") or {},
    }
