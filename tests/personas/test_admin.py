"""The list of personas."""

import pytest
from django.urls import reverse

from personas.models import Persona

pytestmark = pytest.mark.django_db

LIST = reverse("admin:personas_persona_changelist")


@pytest.fixture
def two():
    english = Persona.objects.create(name="Maren", slug="maren", language="en")
    return english, Persona.objects.create(name="Ana", slug="ana", language="es")


def test_only_languages_that_are_spoken_are_offered_as_filters(admin_client, two):
    page = admin_client.get(LIST).content.decode()
    assert "?language=en" in page
    assert "?language=es" in page
    assert "?language=fr" not in page


def test_the_filter_leaves_those_who_speak_the_language(admin_client, two):
    assert list(admin_client.get(LIST, {"language": "es"}).context["cl"].result_list) == [two[1]]
