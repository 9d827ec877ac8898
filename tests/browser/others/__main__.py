"""`python -m tests.browser.others firefox` (or webkit): the chat page in other browsers than the tests', from end to end.

Not part of `make test`: it needs a second and a third browser. Pictures are left in var/other-browsers.
"""

import sys

from benchmarks import site
from benchmarks.site import ROOT
from tests.browser.others.bidi import firefox
from tests.browser.others.journey import Journey
from tests.browser.others.webdriver import webkit

BROWSERS = {"firefox": firefox, "webkit": webkit}

if __name__ == "__main__":
    chosen = sys.argv[1:] or list(BROWSERS)
    if unknown := set(chosen) - set(BROWSERS):
        sys.exit(f"No browser is called {', '.join(unknown)}; there are {', '.join(BROWSERS)}.")
    failed = []
    with site.running(standin=True, flags=["--speech", "flite"]) as open_:
        for name in chosen:
            with BROWSERS[name]() as browser:
                failed += Journey(browser, open_.url, ROOT / "var" / "other-browsers").go()
    sys.exit(1 if failed else 0)
