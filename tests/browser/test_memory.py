"""What a page holds on to when calls come and go: nothing but the turns."""

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat

pytestmark = pytest.mark.django_db(transaction=True)
CALLS = 3
COUNT_CONTEXTS = """
(() => {
  const Original = window.AudioContext;
  const made = [];
  window.AudioContext = class extends Original {
    constructor(...options) {
      super(...options);
      made.push(this);
    }
  };
  window.openContexts = () => made.filter(({ state }) => state !== "closed").length;
})();
"""
# As the browser counts: what an icon shows is a tree of its own.
A_TURN = """() => {
  const turn = document.querySelector("#thread > .turn").cloneNode(true);
  turn.classList.add("copy");
  document.getElementById("thread").append(turn);
}"""
# A leak of the usual sort: every call leaves a listener on the window that holds a piece of the page.
LEAK = """
new MutationObserver(() => {
  const left = document.createElement("div");
  left.append(...Array.from({ length: 200 }, () => document.createElement("p")));
  addEventListener("resize", () => left.remove());
}).observe(document.getElementById("talk"), { attributes: true, attributeFilter: ["hidden"] });
"""


@pytest.fixture
def sitting(open_page, standin, agent):
    page = open_page("/healthz", microphone=False)
    page.add_init_script(COUNT_CONTEXTS)
    page.goto("/chat/harbour-guide/")
    page.tools = page.context.new_cdp_session(page)
    page.tools.send("Performance.enable")
    return Chat(page)


def test_calls_that_are_over_leave_nothing_behind_but_their_turns(sitting):
    grown = growth(sitting)
    assert grown["Nodes"] < 1.5 * nodes_of_a_turn(sitting.page), grown
    assert grown["JSEventListeners"] < 2, grown
    assert grown["Documents"] == 0, grown
    assert grown["JSHeapUsedSize"] < 200_000, grown
    assert sitting.page.evaluate("window.openContexts()") == 0


def test_a_leak_would_be_noticed(sitting):
    sitting.page.evaluate(LEAK)
    grown = growth(sitting)
    assert grown["Nodes"] > nodes_of_a_turn(sitting.page) + 200
    assert grown["JSEventListeners"] >= 2


def nodes_of_a_turn(page):
    """How many more nodes the page holds for one turn more."""
    before = held(page)["Nodes"]
    page.evaluate(A_TURN)
    return held(page)["Nodes"] - before


def growth(chat):
    """What one more call adds, garbage apart, once the first one has filled every cache."""
    hold_a_call(chat)
    before = held(chat.page)
    for _ in range(CALLS):
        hold_a_call(chat)
    after = held(chat.page)
    return {name: (after[name] - before[name]) / CALLS for name in before}


def hold_a_call(chat):
    spoken = chat.page.locator(".turn[data-speaker=persona]").count()
    chat.talk()
    expect(chat.page.locator(".turn[data-speaker=persona]")).to_have_count(spoken + 1)
    chat.hang_up()
    expect(chat.talk_button).to_be_visible()
    chat.page.wait_for_function("window.openContexts() === 0")


def held(page):
    for _ in range(4):  # what one round frees may hold what only the next one can
        page.tools.send("HeapProfiler.collectGarbage")
        page.wait_for_timeout(100)
    told = {one["name"]: one["value"] for one in page.tools.send("Performance.getMetrics")["metrics"]}
    return {name: told[name] for name in ("Nodes", "JSEventListeners", "Documents", "JSHeapUsedSize")}
