"""How far a turn was heard, by the page's own reckoning: the modules themselves, in a browser, on a clock of the test."""

import pytest

pytestmark = [pytest.mark.django_db(transaction=True)]
STAGE = """async ({ steps, until }) => {
  const { Utterances } = await import("/static/voice/utterances.js");
  let clock = 1000;
  const now = performance.now;
  performance.now = () => clock;
  const rows = {}, letters = [];
  const words = new Utterances("call:1:", (turn) => Object.assign((rows[turn.key] ??= {}), turn), (one) => letters.push(one));
  const moments = (text, each) => ({
    chars: [...text], char_start_times_ms: [...text].map((_, n) => n * each), char_durations_ms: [...text].map(() => each),
  });
  for (const [verb, ...told] of steps) {
    if (verb === "wait") clock += told[0];
    else if (verb === "speak") words.sound(told[0], moments(told[1], told[2]));
    else words[verb](...told);
  }
  words.tick();
  clearInterval(words.timer);
  performance.now = now;
  return { rows: Object.values(rows).map(({ key, text, interrupted }) => [key, text, Boolean(interrupted)]), letters };
}"""


@pytest.fixture
def play(open_page):
    """`play(step, …)` gives the rows of the thread as (key, text, interrupted) after these events."""
    page = open_page("/", microphone=False)

    def play(*steps):
        return [tuple(row) for row in page.evaluate(STAGE, {"steps": steps})["rows"]]

    return play


STORY = "The lamp burns from dusk until dawn, all year round, in every weather."


def test_of_sound_without_moments_not_more_is_taken_for_heard_than_can_have_sounded(play):
    ((_, text, cut),) = play(["personaSaid", 1, STORY], ["sound", 1, None], ["wait", 1500], ["interrupted", 1])
    assert cut and STORY.startswith(text) and 10 < len(text) < 35
    ((_, text, cut),) = play(["sound", 1, None], ["personaSaid", 1, STORY], ["wait", 1500], ["interrupted", 1])
    assert cut and 10 < len(text) < 35
    ((_, text, cut),) = play(["personaSaid", 1, STORY], ["sound", 1, None], ["wait", 9000], ["interrupted", 1])
    assert (text, cut) == (STORY, False)


def test_moments_that_come_after_all_replace_the_guess(play):
    ((_, text, _),) = play(
        ["personaSaid", 1, STORY], ["sound", 1, None], ["speak", 1, STORY, 100], ["wait", 1400], ["interrupted", 1]
    )
    assert text == "The lamp burns"


def test_a_correction_that_comes_before_its_turn_or_for_an_older_one_or_twice_corrects_that_turn_once(play):
    assert play(["corrected", 1, STORY, "The lamp"], ["personaSaid", 1, STORY]) == [("call:1:p1", "The lamp", True)]
    told = [["personaSaid", 1, STORY], ["speak", 1, STORY, 20], ["personaSaid", 2, "And more."], ["wait", 200]]
    late = [["corrected", 1, STORY, "The lamp"]] * 2
    assert play(*told, *late)[0] == ("call:1:p1", "The lamp", True)
    assert len(play(*told, *late)) == 2


def test_of_two_turns_with_the_same_words_the_one_that_was_meant_is_corrected(play):
    rows = play(["personaSaid", 1, STORY], ["personaSaid", 2, STORY], ["corrected", 1, STORY, "The lamp"])
    assert rows[0] == ("call:1:p1", "The lamp", True) and rows[1][2] is False


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("渡轮早上九点从二号码头开往小岛，下午五点返回。", "渡轮早上九点"),
        ("העבורת יוצאת בתשע בבוקר", "העבורת"),
        ("नौका सुबह नौ बजे घाट से", "नौका सुबह"),
        ("e\u0301te\u0301 indien a\u0300 la mer", "e\u0301te\u0301"),
    ],
)
def test_a_turn_is_cut_behind_a_word_and_never_within_a_letter(play, text, heard):
    ((_, said, cut),) = play(["personaSaid", 1, text], ["speak", 1, text, 100], ["wait", 610], ["interrupted", 1])
    assert (said, cut) == (heard, True)


@pytest.mark.parametrize(
    "moments", [{"chars": list("The lamp")}, {"chars": list("The lamp"), "char_start_times_ms": [0]}]
)
def test_moments_that_are_cut_short_break_nothing(play, moments):
    assert play(["personaSaid", 1, "The lamp"], ["sound", 1, moments], ["wait", 9000]) == [
        ("call:1:p1", "The lamp", False)
    ]
