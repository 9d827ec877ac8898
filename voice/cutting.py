"""Making a thread give up that waits for a database which does not answer."""

import os
import socket
from contextlib import suppress

CANCEL_SECONDS = 0.5


def cut(connection):
    """End what another thread waits for by this Django connection of its: the server is told to stop, and the line is
    closed under it. The thread sees an error, as if the server had gone.

    SQLite has no line, and a time limit of its own.
    """
    line = connection.connection
    if not hasattr(line, "cancel_safe"):
        return
    faults = (connection.Database.Error, OSError)
    with suppress(*faults):
        line.cancel_safe(timeout=CANCEL_SECONDS)
    with suppress(*faults), socket.socket(fileno=os.dup(line.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)
