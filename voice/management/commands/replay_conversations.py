"""manage.py replay_conversations: golden conversations against a running site, typed and spoken, and what differed."""

import asyncio
import json

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from voice.callers import golden, rehearsing, speech, summary
from voice.callers.records import Account
from voice.callers.replaying import SPOKEN, TYPED

FILE = settings.BASE_DIR / "demo" / "golden-conversations.json"


class Command(BaseCommand):
    help = "Replay golden conversations against a running site. Exit status 1 when anything differs from its file."

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", default=FILE, help="golden conversations (default: the demo's)")
        parser.add_argument("--persona", metavar="SLUG", help="only conversations with this persona")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--text", action="store_const", dest="how", const=[TYPED], help="type everything (default)")
        how.add_argument("--audio", action="store_const", dest="how", const=[SPOKEN], help="speak in real calls")
        how.add_argument("--both", action="store_const", dest="how", const=[TYPED, SPOKEN], help="both, and compare")
        parser.add_argument(
            "--against", metavar="URL", default=settings.PUBLIC_URL, help="the site (default: PUBLIC_URL)"
        )
        parser.add_argument("--at-once", type=int, default=4, metavar="N", help="conversations at once (default: 4)")
        parser.add_argument(
            "--patience", type=float, default=1.0, metavar="N", help="allow N times the milliseconds of the file"
        )
        parser.add_argument("--json", action="store_true", help="print everything that was measured as JSON")

    def handle(self, *, file, persona, how, against, **given):
        chosen = self._choose(file, persona)
        kinds = how or [TYPED]
        as_json = given["json"]
        say = (lambda result: None) if as_json else self._tell
        try:
            if SPOKEN in kinds:
                speech.program()
            results = asyncio.run(_rehearse(against, chosen, kinds, given, say))
        except speech.NoVoice as reason:
            raise CommandError(str(reason)) from reason
        except ExceptionGroup as group:
            fault = rehearsing.unreachable(group)
            if fault is None:
                raise
            raise CommandError(f"{fault} Start the site with `make run`, or name another with --against.") from fault
        self._finish(results, as_json)

    def _choose(self, file, persona):
        try:
            read = golden.read(file)
        except golden.Unreadable as fault:
            raise CommandError(str(fault)) from fault
        chosen = [one for one in read if persona in (None, one.persona)]
        if not chosen:
            known = ", ".join(sorted({one.persona for one in read}))
            raise CommandError(f"No conversation in {file} is with {persona}; there are some with {known}.")
        return chosen

    def _tell(self, result):
        for line in rehearsing.tell(result):
            self.stdout.write(line)

    def _finish(self, results, as_json):
        differing = sum(result.differs for result in results)
        if as_json:
            self.stdout.write(json.dumps(rehearsing.as_json(results), ensure_ascii=False, indent=1))
        else:
            self.stdout.write("")
            for line in summary.lines(results):
                self.stdout.write(line)
        if differing:
            raise CommandError(f"{differing} of {len(results)} conversations differ from their file.", returncode=1)
        if not as_json:
            self.stdout.write(f"All {len(results)} conversations went as expected.")


async def _rehearse(site, conversations, kinds, given, done):
    account = Account(settings.ELEVENLABS_URL, settings.ELEVENLABS_API_KEY)
    at_once, patience = max(1, given["at_once"]), given["patience"]
    return await rehearsing.rehearse(site, conversations, kinds, account, at_once, patience, done)
