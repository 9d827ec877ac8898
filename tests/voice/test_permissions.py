"""Proofs of machines."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voice.conftest import SECRET, signature
from voice.permissions import is_signed, signed_at

pytestmark = pytest.mark.django_db
BODY = b'{"type": "post_call_transcription"}'


@pytest.fixture(autouse=True)
def _secret(webhook_secret):
    pass


def test_a_report_signed_with_our_secret_is_accepted():
    assert is_signed(BODY, signature(BODY))


def test_a_body_changed_by_one_byte_is_refused():
    assert not is_signed(BODY + b" ", signature(BODY))


def test_another_secret_is_refused():
    assert not is_signed(BODY, signature(BODY, secret="wsec_somebody_else"))


@pytest.mark.parametrize("off", [-31 * 60, 31 * 60])
def test_a_time_too_far_in_either_direction_is_refused(off):
    assert not is_signed(BODY, signature(BODY, at=time.time() + off))


@pytest.mark.parametrize("off", [-29 * 60, 29 * 60])
def test_a_clock_that_is_a_little_off_is_accepted(off):
    assert is_signed(BODY, signature(BODY, at=time.time() + off))


@pytest.mark.parametrize("order", [1, -1])
def test_the_valid_one_of_two_signatures_counts_wherever_it_stands(order):
    timestamp, good = signature(BODY).split(",")
    assert is_signed(BODY, ",".join([timestamp, *["v0=" + "0" * 64, good][::order]]))


def test_both_secrets_are_accepted_while_one_is_replaced(settings):
    settings.ELEVENLABS_WEBHOOK_SECRETS = ["wsec_the_new_one", SECRET]
    assert is_signed(BODY, signature(BODY))
    assert is_signed(BODY, signature(BODY, secret="wsec_the_new_one"))


def test_without_any_secret_nothing_is_accepted(settings):
    settings.ELEVENLABS_WEBHOOK_SECRETS = []
    assert not is_signed(BODY, signature(BODY, secret=""))


def test_an_old_signature_of_ours_is_told_from_a_wrong_one():
    assert signed_at(BODY, signature(BODY, at=1_700_000_000)) == 1_700_000_000
    assert signed_at(BODY, signature(BODY, at=1_700_000_000, secret="wsec_somebody_else")) is None


@pytest.mark.parametrize("changed", [BODY.replace(b": ", b":"), BODY.replace(b"{", b"{\r\n"), BODY.upper()])
def test_a_body_written_differently_is_refused_though_it_means_the_same(changed):
    assert not is_signed(changed, signature(BODY))


@given(st.binary(max_size=300), st.integers(0, 299), st.integers(1, 255))
def test_a_body_with_any_one_byte_changed_is_refused(body, place, by):
    if body:
        place %= len(body)
        changed = body[:place] + bytes([body[place] ^ by]) + body[place + 1 :]
        assert not is_signed(changed, signature(body))


@given(st.text(max_size=200))
def test_no_header_that_somebody_makes_up_is_accepted_or_fails(header):
    assert is_signed(BODY, header) is False
