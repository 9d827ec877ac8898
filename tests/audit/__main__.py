"""`make audit`: licences, secrets, known vulnerabilities. Ends with 1 when something is wrong or could not be looked at."""

import sys

from tests.audit import advisories, leaks, licences

PARTS = {
    "Licences": licences.complaints,
    "Secrets in git's keeping": leaks.complaints,
    "Known vulnerabilities, Python": advisories.of_python,
    "Known vulnerabilities, npm": advisories.of_npm,
}


def main():
    wrong = [title for title, look in PARTS.items() if not is_clean(title, look)]
    sys.exit(f"\nNot clean, or not looked at: {'; '.join(wrong)}." if wrong else 0)


def is_clean(title, look):
    try:
        said = list(look())
    except advisories.Unreached as silence:
        said = [str(silence)]
    print(
        f"{title}: {'nothing to say' if not said else ''}",
        *(f"  {line}" for line in said),
        sep="\n" if said else "",
        flush=True,
    )
    return not said


if __name__ == "__main__":
    main()
