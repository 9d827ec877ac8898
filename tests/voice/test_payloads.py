"""Reports as they come: whole, partial, and odd."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice import payloads

TURNS = [
    {"role": "agent", "message": "Good morning.", "time_in_call_secs": 0},
    {"role": "user", "message": "When does the ferry leave?", "time_in_call_secs": 4},
    {"role": "agent", "message": None, "tool_calls": [{}], "tool_results": [{"type": "webhook"}], "time_in_call_secs": 6},
    {"role": "agent", "message": "At nine.", "time_in_call_secs": 7, "interrupted": True, "original_message": "At nine, from pier two."},
]  # fmt: skip
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_a_whole_report_is_read():
    report = payloads.report(
        {
            "conversation_id": "conv_1",
            "agent_id": "agent_1",
            "status": "done",
            "metadata": {"start_time_unix_secs": 1739537297, "call_duration_secs": 22, "cost": 296},
            "analysis": {"call_successful": "success", "transcript_summary": "Asked about the ferry."},
            "transcript": TURNS,
        }
    )
    assert (report.status, report.duration_secs, report.cost_credits) == ("done", 22, 296)
    assert [turn.speaker for turn in report.turns] == ["persona", "visitor", "persona"]
    assert report.turns[2].looked_up == 1
    assert (report.turns[2].text, report.turns[2].full_text) == ("At nine.", "At nine, from pier two.")


def test_a_report_without_analysis_or_metadata_is_read_too():
    report = payloads.report({"conversation_id": "conv_1", "analysis": None, "transcript": None})
    assert report.turns == ()
    assert report.cost_credits is None


def test_a_report_about_nothing_is_refused():
    with pytest.raises(ValueError, match="names no conversation"):
        payloads.report({"transcript": TURNS})


def test_the_reason_of_a_failed_call_is_found_in_its_error():
    report = payloads.report(
        {"conversation_id": "c", "metadata": {"error": {"code": 1002, "reason": "quota exceeded"}}}
    )
    assert report.termination_reason == "quota exceeded"


@given(st.dictionaries(st.sampled_from(["metadata", "analysis", "transcript", "status", "agent_id"]), ODD))
def test_whatever_the_fields_hold_a_report_is_read_without_failing(fields):
    assert payloads.report({**fields, "conversation_id": "conv_1"}).conversation_id == "conv_1"


@pytest.mark.parametrize(
    ("metadata", "ended"),
    [
        ({"start_time_unix_secs": 1_700_000_000, "call_duration_secs": 5.5}, 1_700_000_005),
        ({"start_time_unix_secs": "soon", "call_duration_secs": []}, 0),
        ({"start_time_unix_secs": 1e300, "call_duration_secs": True}, 0),
        ([1], 0),
        (None, 0),
    ],
)
def test_a_record_with_odd_figures_still_has_an_end(metadata, ended):
    assert payloads.ended_at({"metadata": metadata}) == ended
