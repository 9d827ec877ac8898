"""What a web process does before it takes its first request, so that nobody waits for it on the line."""

import gc
from contextlib import suppress

from django.urls import get_resolver
from django.utils.module_loading import import_string

from knowledge import embeddings


def warm():
    """Load the model and every view, open the way to the rows, then set all that is loaded apart from garbage collection.

    A full collection walked all of Django for 100 ms and more, in the middle of somebody's call (measured at one
    connection: p99 of a cached tool call 118 ms before, 8 ms after).
    """
    embeddings.status()
    get_resolver().url_patterns  # noqa: B018  (read for its effect: the addresses name the views)
    with suppress(Exception):  # whatever is wrong with the database will be told when somebody asks
        import_string("voice.lookups.warm")()  # by name: models cannot be imported when this module is
    gc.collect()
    gc.freeze()
