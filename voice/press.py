"""`python -m voice.press`: what was said (JSON) in, a PDF out. A child of its own, so that no conversation, however long or
odd, can keep a web process busy or take its memory. Knows nothing of the site."""

import resource
import sys
from pathlib import Path

import typst

SHEET = Path(__file__).resolve().parent.parent / "templates" / "voice" / "transcript.typ"
SECONDS, BYTES = 10, 2 * 1024**3  # 1,000 turns take 2 s and 240 MB; the library maps much that it does not use
STANDARD = "ua-1"  # PDF/UA: a screen reader finds headings, language and reading order


def main():
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    sys.stdout.buffer.write(press(sys.stdin.buffer.read().decode()))


def press(told):
    """The PDF. Where this machine has no letters for something that was said, it cannot claim the standard."""
    sheet, said = SHEET.read_bytes(), {"told": told}
    try:
        return typst.compile(sheet, sys_inputs=said, format="pdf", pdf_standards=[STANDARD])
    except typst.TypstError:
        return typst.compile(sheet, sys_inputs=said, format="pdf")


if __name__ == "__main__":
    main()
