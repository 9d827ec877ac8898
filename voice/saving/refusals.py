"""Why something was not saved, or not restored, in a sentence that says what to do."""


class NotSaved(Exception):
    """There is no new backup; earlier ones are untouched."""


class NotRestored(Exception):
    """Nothing was restored, unless the sentence says otherwise."""
