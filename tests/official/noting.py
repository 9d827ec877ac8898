"""Which fields of an answer are read: dictionaries that take notes."""


class Noted(dict):
    """A JSON object that remembers what was asked of it, by dotted path, and what of that it did not have."""

    def __init__(self, value, notes, where=""):
        super().__init__({name: note(item, notes, f"{where}.{name}") for name, item in value.items()})
        self.notes, self.where = notes, where

    def __getitem__(self, name):
        self._note(name)
        return super().__getitem__(name)

    def get(self, name, default=None):
        self._note(name)
        return super().get(name, default)

    def _note(self, name):
        self.notes.append((f"{self.where}.{name}", name in self))


def note(value, notes, where=""):
    """The same JSON, its objects noting into ``notes`` as (path, whether it was there)."""
    if isinstance(value, dict):
        return Noted(value, notes, where)
    if isinstance(value, list):
        return [note(item, notes, f"{where}[]") for item in value]
    return value
