"""The chat page as a visitor has it, in Chromium: the first visit, presses, typed questions, calls. Each with its target."""

from benchmarks import site
from benchmarks.page import calling, loading, visitors

VISITS, SLOW_VISITS, CALLS = 15, 7, 15


def run():
    """Print the figures. Gives the targets that were missed."""
    # Tones begin at once; a spoken greeting begins with a quarter of a second of silence.
    with site.running(standin=True, flags=["--speech", "tones"]) as open_, visitors.chromium() as browser:
        missed = loading.run(browser, open_.url, visitors.DESK, VISITS)
        missed += loading.run(browser, open_.url, visitors.PHONE, SLOW_VISITS)
        missed += loading.press(browser, open_.url, visitors.DESK, 5)
        missed += loading.press(browser, open_.url, visitors.PHONE, 3)
        missed += calling.run(browser, open_.url, CALLS)
    return missed
