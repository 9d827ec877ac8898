"""A breaker opens after failures in a row, lets one try, and closes again."""

from voice.breaker import Breaker


def test_it_opens_after_so_many_failures_in_a_row_and_not_before():
    breaker = Breaker(3, 60)
    for _ in range(2):
        assert breaker.allows()
        breaker.failed()
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()


def test_a_success_in_between_starts_the_count_anew():
    breaker = Breaker(2, 60)
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.allows()


def test_when_its_time_is_over_one_may_try_and_only_one():
    breaker = Breaker(1, 60)
    breaker.failed()
    breaker.open_until = 0
    assert [breaker.allows() for _ in range(3)] == [True, False, False]


def test_the_one_who_tried_closes_it_or_opens_it_again():
    breaker = Breaker(1, 60)
    breaker.failed()
    breaker.open_until = 0
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    breaker.open_until = 0
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows() for _ in range(3)] == [True, True, True]
