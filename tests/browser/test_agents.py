"""The pages of agents at ElevenLabs: for the eye, the keyboard and the screen reader, large and small, light and dark."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.staff import complaints
from tests.browser.test_access import LOOKS, is_wider_than_the_screen
from voice import agents
from voice.agents import definitions, drift, workspace
from voice.models import Agent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standin", "agent")]


@pytest.fixture
def changed(standin, agent):
    """Much was changed by hand, and an agent is left over."""
    prompt = definitions.prompt(agent.persona)
    config = {
        "agent": {"first_message": "Ahoy!", "prompt": {"prompt": f"Be kind.\n\nNever guess.\n\n{prompt}"}},
        "turn": {"turn_timeout": 12.0},
        "tts": {"speed": 1.1},
    }
    body = {"conversation_config": config, "platform_settings": {"auth": {"enable_auth": False}}}
    standin.http.patch(f"/v1/convai/agents/{agent.elevenlabs_agent_id}", json=body).raise_for_status()
    tag = definitions.tags("", workspace.last_known().installation)[0]
    left = {"name": "An old pilot", "tags": [tag], "conversation_config": {}}
    standin.http.post("/v1/convai/agents/create", json=left).raise_for_status()
    drift.check(agent)
    return Agent.objects.get(pk=agent.pk)


def show_plan(page, changed):
    page.goto(f"/admin/voice/agent/{changed.pk}/change/")
    page.get_by_role("button", name="Show the plan of a sync").click()
    expect(page.get_by_role("button", name="Send this to ElevenLabs")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_fits_and_axe_finds_nothing(staff, changed, look):
    page, found = staff("/admin/", **look), {}
    page.watch.expect("style-src")  # axe's own style
    own = f"/admin/voice/agent/{changed.pk}/change/"
    for address in ("/admin/voice/agent/left-over/", "/admin/voice/agent/", own, "plan"):
        page.goto(address) if address != "plan" else show_plan(page, changed)
        found[address] = complaints(page)
        assert not is_wider_than_the_screen(page), address
    assert not any(found.values()), found


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_personas_page_shows_its_drift_and_fits(staff, changed, viewport):
    page = staff("/admin/", viewport=viewport)
    page.watch.expect("style-src", "media-src", "Loading media")  # axe's own style; the stand-in's samples of voices
    page.goto(f"/admin/personas/persona/{changed.persona_id}/change/")
    assert not is_wider_than_the_screen(page)
    found = page.locator(".agent-drift")
    expect(found.get_by_role("button", name="Adopt")).to_be_visible()
    assert [one for one in complaints(page) if "agent-" in one] == []


def test_a_plan_is_read_and_sent_by_keyboard_alone(staff, standin, changed):
    page = staff("/admin/personas/persona/")
    page.get_by_role("checkbox", name="Select this object for an action").focus()
    page.keyboard.press("Space")
    page.locator("select[name=action]").select_option("sync")
    page.get_by_role("button", name="Go", exact=False).first.press("Enter")
    expect(page.get_by_text("Nothing was sent yet.", exact=False)).to_be_visible()
    expect(page.get_by_role("row", name="first message")).to_contain_text("Ahoy!")
    page.get_by_role("button", name="Send this to ElevenLabs").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 agent is on the way to ElevenLabs.", exact=False)).to_be_visible()
    agents.sync(changed)
    there = standin.agent(changed.elevenlabs_agent_id)["conversation_config"]["agent"]["first_message"]
    assert there == "Good day. What would you like to know?"


def test_what_was_changed_by_hand_is_adopted_from_the_personas_page_by_keyboard(staff, changed):
    page = staff("/admin/")
    page.watch.expect("media-src", "Loading media")
    page.goto(f"/admin/personas/persona/{changed.persona_id}/change/")
    page.get_by_role("button", name="Adopt").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Stays as it is: opens only for a signed address.", exact=False)).to_be_visible()
    expect(page.get_by_label("First message")).to_have_value("Ahoy!")
    expect(page.get_by_label("Instructions")).to_have_value("Be kind.\n\nNever guess.")
    expect(page.locator(".agent-drift tbody tr")).to_have_count(1)


def test_what_is_left_over_is_chosen_named_and_deleted_by_keyboard(staff, standin, changed):
    page = staff("/admin/voice/agent/left-over/")
    page.get_by_role("checkbox", name="An old pilot").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Delete what is chosen…").press("Enter")
    expect(page.get_by_text("Delete this at ElevenLabs?")).to_be_visible()
    page.get_by_role("button", name="Delete at ElevenLabs").press("Enter")
    expect(page.get_by_text("1 deleted at ElevenLabs.")).to_be_visible()
    assert [row["agent_id"] for row in standin.agents()] == [changed.elevenlabs_agent_id]
