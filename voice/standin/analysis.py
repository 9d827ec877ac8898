"""After a call: what the pretend analysis makes of it, and the reports that follow."""

import asyncio
import base64

from voice.standin import sound, webhooks


async def finish(standin, record: dict, agent: dict) -> None:
    """Analyse a call that has ended, then send its reports. Takes `webhook_delay` seconds, as a model would. Of a call that
    was forgotten meanwhile nobody hears."""
    await asyncio.sleep(standin.options.webhook_delay)
    if standin.store.conversations.get(record["conversation_id"]) is not record:
        return
    record["analysis"] = judge(record, agent["platform_settings"])
    record["status"] = "failed" if record["metadata"]["error"] else "done"
    standin.store.touch()
    report(standin, record, agent)


def report(standin, record: dict, agent: dict) -> None:
    """Send the events of a finished call that its webhook asked for."""
    webhook, settings = webhooks.chosen_for(agent, standin.store)
    events = settings.get("events") or ["transcript"]
    if "transcript" in events:
        data = {**record, "transcript": [] if settings.get("exclude_transcript") else record["transcript"]}
        standin.deliveries.post(webhook, "post_call_transcription", data)
    track = standin.tapes.get(record["conversation_id"])
    if track and ("audio" in events or settings.get("send_audio")):
        recording = base64.b64encode(sound.wav(track.mixed())).decode()
        ids = {"agent_id": record["agent_id"], "conversation_id": record["conversation_id"]}
        standin.deliveries.post(webhook, "post_call_audio", {**ids, "full_audio": recording}, chunked=True)


def judge(record: dict, settings: dict) -> dict:
    """The analysis of a call: successful when something was asked and no tool failed."""
    asked = [turn["message"] for turn in record["transcript"] if turn["role"] == "user" and turn["message"]]
    results = [result for turn in record["transcript"] for result in turn["tool_results"]]
    failed = [result["tool_name"] for result in results if result["is_error"]]
    verdict = "unknown" if not asked else "failure" if failed or record["metadata"]["error"] else "success"
    because = _because(asked, failed)
    criteria = {
        criterion["id"]: {"criteria_id": criterion["id"], "result": verdict, "rationale": because}
        for criterion in (settings.get("evaluation") or {}).get("criteria") or []
        if isinstance(criterion, dict) and criterion.get("id")
    }
    collected = {
        name: {
            "data_collection_id": name,
            "value": None,
            "json_schema": schema,
            "rationale": "The stand-in collects no data.",
        }
        for name, schema in (settings.get("data_collection") or {}).items()
    }
    return {
        "evaluation_criteria_results": criteria,
        "evaluation_criteria_results_list": list(criteria.values()),
        "data_collection_results": collected,
        "data_collection_results_list": list(collected.values()),
        "call_successful": verdict,
        "call_success_score": {"success": 1.0, "failure": 0.0}.get(verdict),
        "transcript_summary": because,
        "call_summary_title": (asked[0] if asked else "Nothing was asked")[:80],
    }


def _because(asked: list[str], failed: list[str]) -> str:
    if not asked:
        return "The visitor said nothing that was understood."
    said = f"The visitor spoke {len(asked)} time{'s' if len(asked) > 1 else ''}, first: {asked[0]}"
    return f"{said} These tools failed: {', '.join(sorted(set(failed)))}." if failed else said
