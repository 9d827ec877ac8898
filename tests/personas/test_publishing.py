"""Publishing: whoever knows a reason against it is asked at every door."""

import pytest
from django.urls import reverse

from personas import publishing
from personas.models import Persona
from personas.publishing import Objection

pytestmark = pytest.mark.django_db

SENTENCE = "The moon is not full."


@pytest.fixture
def draft():
    return Persona.objects.create(name="Harbour guide", slug="harbour-guide", status="draft")


@pytest.fixture
def against():
    """Somebody has an objection; gives the list of who asked."""
    asked = []

    def object_(persona, by, **_):
        asked.append(by)
        return Objection(SENTENCE, "/why/")

    publishing.about_to_publish.connect(object_)
    yield asked
    publishing.about_to_publish.disconnect(object_)


def status(persona):
    return Persona.objects.get(pk=persona.pk).status


def test_a_persona_nobody_objects_to_is_published(draft):
    publishing.publish(draft)
    assert status(draft) == "published"


def test_an_objection_keeps_it_a_draft_and_is_said(draft, against):
    with pytest.raises(publishing.NotYet, match="moon"):
        publishing.publish(draft)
    assert status(draft) == "draft"


def test_a_published_persona_is_not_asked_about_again(draft, against):
    Persona.objects.update(status="published")
    assert publishing.objections(draft) == []
    assert against == []


def test_the_form_refuses_at_the_field_with_the_way_out(admin_client, draft, against):
    address = reverse("admin:personas_persona_change", args=[draft.pk])
    page = admin_client.get(address)
    form = {name: value for name, value in page.context["adminform"].form.initial.items() if value is not None}
    form |= {"status": "published", "avatar": ""}
    for formset in page.context["inline_admin_formsets"]:
        form |= {f"{formset.formset.prefix}-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
    refused = admin_client.post(address, form).content.decode()
    assert SENTENCE in refused
    assert 'href="/why/"' in refused
    assert status(draft) == "draft"
    assert against[0].username == "admin"


def test_the_list_refuses_one_and_publishes_the_others(admin_client, draft, against):
    data = {"action": "publish", "_selected_action": [draft.pk]}
    page = admin_client.post(reverse("admin:personas_persona_changelist"), data, follow=True).content.decode()
    assert SENTENCE in page
    assert status(draft) == "draft"
