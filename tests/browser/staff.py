"""Staff's pages, judged."""

from tests.browser import test_access


def complaints(page):
    """What axe-core finds in our part of the page, in short."""
    return test_access.complaints(page, "'#content-main'", "{ preload: false, resultTypes: ['violations'] }")
