"""Every request we make, as it went over the wire, held against the official SDK's types: nothing unknown, nothing missing."""

import pytest

from tests.official.endpoints import endpoint_of
from tests.official.requests import faults_of
from tests.voice.gateway_calls import CALLS, Made


@pytest.fixture
def made(standin):
    made = Made(standin)
    standin.forget_requests()
    return made


def sent(standin):
    """What reached the stand-in, without what tests asked it."""
    return [row for row in standin.all_requests() if "X-Fern-Language" in str(row["headers"]).title()]


@pytest.mark.parametrize("name", CALLS)
def test_a_request_has_nothing_that_the_sdk_does_not_know_and_all_that_it_demands(name, made, standin):
    CALLS[name].ask(made)
    rows = sent(standin)
    assert [fault for row in rows for fault in faults_of(row)] == []
    assert {row["status"] // 100 for row in rows} == {2}
    asked = {f"{row['method']} {endpoint_of(row['method'], row['path']).path}" for row in rows}
    assert asked == set(CALLS[name].endpoints), "these are the endpoints CALLS should name"
