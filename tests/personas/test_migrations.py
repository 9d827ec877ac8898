"""What the migrations do with what is there already."""

import importlib

import pytest
from django.apps import apps
from django.db import connection

from personas import versions
from personas.models import Persona, StarterQuestion

pytestmark = pytest.mark.django_db


def test_a_persona_from_before_its_history_has_a_first_state_to_go_back_to():
    persona = Persona.objects.create(name="Maren", slug="maren", tagline="Knows the pier.")
    StarterQuestion.objects.create(persona=persona, text="When?")
    Persona.history.all().delete()
    StarterQuestion.history.all().delete()
    importlib.import_module("personas.migrations.0003_history").begin(apps, connection.schema_editor())
    first = persona.history.get()
    persona.tagline = "New"
    persona.save()
    persona.starter_questions.all().delete()
    versions.restore(persona, first.history_id)
    assert persona.tagline == "Knows the pier."
    assert persona.starter_questions.get().text == "When?"
