"""Plain text: as it is."""

from knowledge.formats.blocks import MOST_CHARACTERS, Reading, UnreadableDocument
from knowledge.formats.kinds import decode
from knowledge.speech import remove_hidden


def read(data):
    """Bytes in any common encoding as a Reading."""
    return read_text(decode(data))


def read_text(text):
    """Text that was pasted as a Reading."""
    text = remove_hidden(text).strip()
    if len(text) > MOST_CHARACTERS:
        raise UnreadableDocument("There is more text in it than one document may hold. Split it into several files.")
    return Reading("txt", text)
