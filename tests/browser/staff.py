"""Staff's pages, judged."""

from tests.browser.test_access import AXE


def complaints(page):
    """What axe-core finds in our part of the page, in short."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run('#content-main', { preload: false, resultTypes: ['violations'] })")["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found]
