"""What a stranger needs to know of every address: what it takes, what it refuses, an example. Shown at `/docs`."""

from voice.standin.manual import account, agents, own, talking
from voice.standin.manual.page import Page

IMITATED: dict[str, Page] = {**agents.PAGES, **talking.PAGES, **account.PAGES}
OWN: dict[str, Page] = own.PAGES
