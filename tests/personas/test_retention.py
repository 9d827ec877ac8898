"""Old versions of a persona go; those that are left say what they said."""

from datetime import timedelta

import pytest
from django.utils import timezone

from personas import retention, versions
from personas.models import Persona, StarterQuestion

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def ago(days):
    return NOW - timedelta(days=days)


def let_go(before):
    return retention.let_history_go(before, retention.Patience(60))


def date(history, days):
    """The newest row of a history was written so many days ago."""
    row = history.order_by("history_id").last()
    history.filter(history_id=row.history_id).update(history_date=ago(days))


@pytest.fixture
def old(db):
    """A persona whose tagline said 500, 400 … 100, the days ago on which it did; with a question since the day 450, another from
    day 350 to 250, and the first one put otherwise on day 150."""
    persona = Persona.objects.create(name="Guide", slug="guide", first_message="Good day.", tagline="500")
    date(Persona.history, 500)
    first = StarterQuestion.objects.create(persona=persona, text="Where to?")
    date(StarterQuestion.history, 450)
    events = [(400, None), (350, "add"), (300, None), (250, "drop"), (200, None), (150, "change"), (100, None)]
    for days, event in events:
        if event is None:
            persona.tagline = str(days)
            persona.save()
            date(Persona.history, days)
        elif event == "add":
            second = StarterQuestion.objects.create(persona=persona, text="When?")
        elif event == "drop":
            second.delete()
        else:
            first.text = "Where to, then?"
            first.save()
        if event:
            date(StarterQuestion.history, days)
    return persona


def told(persona, since):
    """{tagline: its questions} of every version from the one on that held at a moment."""
    rows = list(Persona.history.filter(id=persona.pk).order_by("history_date"))
    base = max((row.history_date for row in rows if row.history_date < since), default=rows[0].history_date)
    kept = [row for row in rows if row.history_date >= base]
    return {row.tagline: [one.text for one in versions.find(persona, row.history_id)[1]] for row in kept}


@pytest.mark.parametrize("days", [600, 420, 320, 270, 230, 170, 120, 50])
def test_every_version_from_the_one_that_held_then_is_what_it_was(old, days):
    before = told(old, ago(days))
    let_go(ago(days))
    assert told(old, ago(days)) == before
    assert Persona.history.filter(id=old.pk, history_date__lt=ago(days)).count() == (days < 500)


def test_what_was_replaced_before_goes(old):
    let_go(ago(170))
    assert [row.tagline for row in Persona.history.order_by("history_date")] == ["200", "100"]
    assert [row.text for row in StarterQuestion.history.order_by("history_date")] == ["Where to?", "Where to, then?"]


def test_what_was_deleted_long_ago_leaves_nothing_and_what_was_lately_stays(old):
    other = Persona.objects.create(name="Other", slug="other", first_message="Good day.")
    StarterQuestion.objects.create(persona=other, text="Who?")
    old.delete()
    for history in (Persona.history, StarterQuestion.history):
        history.filter(history_type="-", history_date__gte=ago(1)).update(history_date=ago(90))
    other.delete()
    let_go(ago(60))
    assert {row.slug for row in Persona.history.all()} == {"other"}
    assert {row.text for row in StarterQuestion.history.all()} == {"Who?"}
