"""Typed answers with lists, emphasis, code and links: shown as such, and never read as HTML."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import QUESTION

pytestmark = [pytest.mark.django_db(transaction=True)]
WRITE = """async (texts) => {
  const { write } = await import("/static/voice/prose.js");
  return texts.map((text) => {
    const box = document.createElement("div");
    write(box, text);
    return box.innerHTML;
  });
}"""
FAR = 'target="_blank" rel="noopener noreferrer nofollow"'
SHOWN = {
    "Two ways:\n- by **ferry**\n- on *foot*\nThat is all.": (
        "Two ways:<ul><li>by <strong>ferry</strong></li><li>on <em>foot</em></li></ul>That is all."
    ),
    "3. three\n4) four": '<ol start="3"><li>three</li><li>four</li></ol>',
    "Line one.\nLine two.": "Line one.\nLine two.",
    "Run `rm -rf **x** <b>`": "Run <code>rm -rf **x** &lt;b&gt;</code>",
    "See [the **plan**](https://a.example/x?y=1).": (
        f'See <a href="https://a.example/x?y=1" {FAR}>the <strong>plan</strong></a>.'
    ),
    "At https://a.example/x, today": f'At <a href="https://a.example/x" {FAR}>https://a.example/x</a>, today',
    "5 * 3 * 2 and snake_case_word and 2**3**2 is": "5 * 3 * 2 and snake_case_word and 2<strong>3</strong>2 is",
}
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert`1`)",
    "[click](data:text/html,<script>alert(1)</script>)",
    "[click](//evil.example)",
    "[<img src=x onerror=alert(1)>](https://a.example)",
    '[x](https://a.example/"onmouseover="alert(1))',
    "**<svg onload=alert(1)>**",
    "- <iframe src=javascript:alert(1)>",
    "`</code><img src=x onerror=alert(1)>`",
]
LOOK = """(markup) => {
  const box = document.createElement("template");
  box.innerHTML = markup;
  const all = [...box.content.querySelectorAll("*")];
  return all.every((one) => ["A", "STRONG", "EM", "CODE", "UL", "OL", "LI"].includes(one.tagName)
    && one.getAttributeNames().every((name) => ["href", "target", "rel", "start"].includes(name))
    && (one.tagName !== "A" || /^https?:$/.test(one.protocol)));
}"""


def test_lists_emphasis_code_and_links_are_shown_as_such_and_nothing_is_html(open_page):
    page = open_page("/", microphone=False)
    assert page.evaluate(WRITE, list(SHOWN)) == list(SHOWN.values())
    for text, markup in zip(HOSTILE, page.evaluate(WRITE, HOSTILE), strict=True):
        assert page.evaluate(LOOK, markup), f"{text} became {markup}"


def test_an_answer_with_a_list_is_one_in_the_thread_and_a_visitors_words_stay_as_they_are(open_page, persona):
    chat = Chat(open_page())
    turn = {
        "thread": "", "id": 1, "speaker": "persona", "channel": "typed", "interrupted": False, "citations": [],
        "text": "It goes\n- at **nine**\n- <img src=x onerror=alert(1)>", "at": "2026-01-01T09:00:00+00:00",
    }  # fmt: skip

    def answer(route):
        key = json.loads(route.request.post_data)["key"]
        lines = [{"delta": "It goes\n- at **ni"}, {"turn": {**turn, "key": f"reply:{key}"}}]
        route.fulfill(body="".join(json.dumps(line) + "\n" for line in lines), content_type="application/x-ndjson")

    chat.page.route("**/say/", answer)
    chat.ask(f"- {QUESTION} **now**")
    expect(chat.page.locator(".turn-text li")).to_have_text(["at nine", "<img src=x onerror=alert(1)>"])
    expect(chat.page.locator(".turn-text strong")).to_have_count(1)
    expect(chat.turn(f"- {QUESTION} **now**", "visitor")).to_be_visible()
    assert chat.page.locator(".thread img").count() == 0
