"""One worker at a time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from voice.claims import Busy, claimed
from voice.models import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def row():
    return Workspace.objects.create()


def test_a_claimed_row_is_refused_to_the_next_worker(row):
    with claimed(row), pytest.raises(Busy), claimed(row):
        raise AssertionError("The second worker got the row.")


def test_a_row_is_free_again_after_the_work_even_when_it_failed(row):
    with pytest.raises(ZeroDivisionError), claimed(row):
        raise ZeroDivisionError
    with claimed(row):
        pass


def test_the_claim_of_a_worker_that_was_killed_lapses(row):
    Workspace.objects.filter(pk=row.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    with claimed(row):
        assert Workspace.objects.get().claim is not None


def test_a_worker_whose_claim_lapsed_does_not_free_the_next_ones(row):
    with claimed(row):
        Workspace.objects.filter(pk=row.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
        with claimed(row):
            theirs = Workspace.objects.get().claim
            assert theirs is not None
        assert Workspace.objects.get().claim is None
