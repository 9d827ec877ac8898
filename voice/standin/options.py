"""What the stand-in may be told at start: one set of flags for every way of starting it."""

import argparse
from dataclasses import dataclass, field, fields
from pathlib import Path

from voice.standin.logs import FORMATS

INITIATION = "seconds the webhook asked before a phone call has (default: %(default)s)"


@dataclass(frozen=True, slots=True)
class Options:
    """How one stand-in behaves. Seconds everywhere; an empty text or None means "not set"."""

    host: str = "127.0.0.1"
    port: int = 8900
    api_key: str = ""
    limited_keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    state: Path | None = None
    sentences: Path | None = None
    public_url: str = ""
    speech: str = "auto"
    concurrency: int = 30
    ping_seconds: float = 2.0
    webhook_url: str = ""
    webhook_secret: str = ""
    initiation_seconds: float = 2.0
    webhook_delay: float = 1.0
    webhook_timeout: float = 20.0
    webhook_retries: tuple[float, ...] = (0, 30, 120, 480, 1800)
    quiet: bool = False
    log_format: str = FORMATS[0]


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Give a parser every flag of the stand-in, with its default."""
    start = Options()
    add = parser.add_argument
    add("--host", default=start.host, help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=start.port, help="port to listen on, 0 for any free one (default: %(default)s)")
    add("--api-key", default="", help="the only xi-api-key accepted; without it any key that is not empty will do")
    add(
        "--limited-key",
        dest="limited_keys",
        action=_Collect,
        default={},
        metavar="KEY=PERMISSION,…",
        help="a key that may do only this, for example k=convai_read,voices_read; may be given more than once",
    )
    add("--state", type=Path, help="file to keep agents, tools and conversations in between starts")
    add(
        "--sentences",
        type=Path,
        help="file of sentences to expect from visitors, one a line; read again when it changes",
    )
    add("--public-url", default="", help="address to put into signed URLs, when it is not the one that was asked")
    add("--speech", choices=["auto", "flite", "espeak", "tones"], default="auto", help="what speaks (default: auto)")
    add("--concurrency", type=int, default=start.concurrency, help="calls at the same time (default: %(default)s)")
    add("--ping-seconds", type=float, default=start.ping_seconds, help="seconds between pings (default: %(default)s)")
    add("--webhook-url", default="", help="register this post-call webhook at start")
    add("--webhook-secret", default="", help="its secret; without it one is made and printed")
    add("--initiation-seconds", type=float, default=start.initiation_seconds, help=INITIATION)
    add("--webhook-delay", type=float, default=start.webhook_delay, help="seconds from hang-up to report (default: 1)")
    add("--webhook-timeout", type=float, default=start.webhook_timeout, help="seconds a receiver has (default: 20)")
    add(
        "--webhook-retries",
        type=_seconds,
        default=start.webhook_retries,
        help="seconds before each try of a delivery, with commas (default: 0,30,120,480,1800)",
    )
    add("--quiet", action="store_true", help="say nothing but warnings")
    add("--log-format", choices=FORMATS, default=start.log_format, help="lines for reading, or one JSON object a line")


def read_flags(given) -> Options:
    """The options in a parsed namespace or mapping; keys that are not ours are left alone."""
    values = given if isinstance(given, dict) else vars(given)
    return Options(**{field.name: values[field.name] for field in fields(Options) if field.name in values})


class _Collect(argparse.Action):
    """Gathers KEY=PERMISSION,… into one mapping."""

    def __call__(self, _parser, namespace, value, _flag=None):
        key, _equals, permissions = value.partition("=")
        known = {**getattr(namespace, self.dest), key: tuple(name for name in permissions.split(",") if name)}
        setattr(namespace, self.dest, known)


def _seconds(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as problem:
        raise argparse.ArgumentTypeError("give seconds with commas between, for example 0,30,120") from problem
