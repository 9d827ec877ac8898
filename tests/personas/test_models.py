"""What makes a persona valid, and who may see it."""

import pytest
from django.core.exceptions import ValidationError

from personas.models import Persona

pytestmark = pytest.mark.django_db


def persona(**fields):
    return Persona(**{"name": "Harbour guide", "slug": "harbour-guide", **fields})


def refusal(**fields):
    with pytest.raises(ValidationError) as refused:
        persona(**fields).full_clean()
    return refused.value.message_dict


def test_a_name_and_a_slug_are_enough():
    persona().full_clean()


@pytest.mark.parametrize(
    ("field", "value"),
    [("stability", -0.1), ("stability", 1.1), ("similarity_boost", 1.01), ("speed", 0.69), ("speed", 1.21),
     ("language", "xx"), ("slug", "not a slug"), ("name", ""), ("fallback_message", ""), ("extra_languages", ["xx"]),
     ("extra_languages", "es"), ("instructions", "a" * 20_001), ("strictness", "loose"),
     ("spoken_style", "a" * 2001), ("written_style", "a" * 2001)],
)  # fmt: skip
def test_a_value_outside_what_elevenlabs_takes_is_refused_at_its_field(field, value):
    assert field in refusal(**{field: value})


@pytest.mark.parametrize("field", ["instructions", "first_message", "fallback_message", "spoken_style"])
def test_a_variable_that_nobody_fills_is_refused_by_name(field):
    (message,) = refusal(**{field: "Hello {{ visitor_name }}!"})[field]
    assert "{{visitor_name}}" in message


def test_a_system_variable_is_filled_by_elevenlabs_and_allowed():
    persona(first_message="It is {{system__time}}.").full_clean()


def test_a_slug_belongs_to_one_persona():
    persona().save()
    assert "slug" in refusal()


def test_drafts_are_not_among_the_published():
    persona().save()
    assert list(Persona.objects.published()) == []
    Persona.objects.update(status="published")
    assert Persona.objects.published().count() == 1


def test_its_own_language_comes_first_and_none_twice():
    assert persona(language="de", extra_languages=["en", "de"]).languages == ["de", "en"]


def test_every_field_that_staff_fill_in_says_what_it_is_for():
    silent = [
        field.name for field in Persona._meta.fields
        if field.editable and field.name not in ("id", "created_at", "updated_at") and not field.help_text
    ]  # fmt: skip
    assert silent == []
