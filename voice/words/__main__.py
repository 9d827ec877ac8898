"""`python -m voice.words`: gather what is said, bring every language's file in step, name what lacks a translation.

With `--check` nothing is written. Needs no settings, no database and no GNU gettext.
"""

import sys

from voice.words import catalogue, checking
from voice.words.harvest import harvest


def main(arguments):
    """Exit code 1 when something is to be done."""
    messages, open_ends = harvest(), 0
    for language in catalogue.languages():
        if "--check" not in arguments:
            came, went = catalogue.merge(language, messages)
            print(f"{language}: {len(messages)} sentences, {came} new, {went} gone")
        for complaint in checking.complaints(language, messages):
            print(f"{language}: {complaint}")
            open_ends += 1
    return 1 if open_ends else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
