"""What answers while the index of a new version is being built: an earlier one, without all that is no longer so.

A large persona's index takes seconds to build, and somebody is waiting on the line. A document that was replaced,
retired or deleted since, and a passage that a flag withholds now, are hidden; what is new is not there yet. So nothing
old is ever said, and what never changed goes on answering.
"""

from dataclasses import replace

import numpy as np

from knowledge.models import Document, Passage


def bridge(persona, earlier):
    """An earlier Index of a persona with ``hidden`` rows, as its knowledge stands now."""
    current = {
        (str(pk), read_at.timestamp())
        for pk, read_at in Document.objects.read()
        .filter(persona=persona, superseded_by=None)
        .values_list("pk", "read_at")
    }
    gone = np.array([(one.id, one.read_at) not in current for one in earlier.documents], bool)
    withheld = list(Passage.objects.filter(persona=persona).withheld().values_list("pk", flat=True))
    hidden = np.isin(earlier.ids, withheld)
    return replace(earlier, hidden=hidden | gone[earlier.owners] if len(gone) else hidden)
