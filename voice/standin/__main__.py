"""`python -m voice.standin`: the stand-in on its own, without Django."""

import argparse

from voice.standin.options import add_flags, read_flags
from voice.standin.server import serve


def main() -> None:
    """Read the flags and serve."""
    parser = argparse.ArgumentParser(prog="voice.standin", description="A pretend ElevenLabs on this machine.")
    add_flags(parser)
    serve(read_flags(parser.parse_args()))


if __name__ == "__main__":
    main()
