"""The settings sheet as a test drives it."""

import json

from playwright.sync_api import expect

KEY = "clone-advisor.settings.1"


class Sheet:
    """The settings of one open chat page."""

    def __init__(self, page):
        self.page, self.box = page, page.locator("#settings")
        self.says = self.box.locator("[data-says]")
        self.microphone, self.level = page.locator("#microphone"), page.locator("#microphone-level")

    def open(self):
        self.page.locator("[data-opens=settings]:visible").first.click()
        expect(self.box).to_be_visible()
        return self

    def close(self):
        self.box.get_by_role("button", name="Done").click()
        is_gone(self.page, "#settings")

    def choose(self, name, value):
        """Set a field as a hand would: a slider, a list, a switch, one of several."""
        field = self.box.locator(f"[name={name}]")
        if field.count() > 1:
            self.box.locator(f"label:has([name={name}][value={value}])").click()
        elif field.get_attribute("type") == "checkbox":
            field.set_checked(value)
        elif field.get_attribute("type") == "range":
            field.fill(str(value))
        else:
            field.select_option(label=value)

    def shown(self):
        """What the sheet shows, by name."""
        return self.page.evaluate("Object.fromEntries(new FormData(document.querySelector('#settings form')))")


def is_gone(page, sheet):
    """The sheet is closed, and the step back that it takes with it is done."""
    expect(page.locator(sheet)).to_be_hidden()
    page.wait_for_function("() => !history.state?.sheet")


def remembered(page):
    return json.loads(page.evaluate(f"localStorage.getItem('{KEY}')"))


def choose_before(page, **settings):
    """Let the page find these settings when it is loaded next."""
    page.evaluate("([key, value]) => localStorage.setItem(key, value)", [KEY, json.dumps(settings)])
    page.reload()
