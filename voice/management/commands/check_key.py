"""manage.py check_key: what the ElevenLabs key may do, in words."""

from django.core.management.base import BaseCommand, CommandError

from voice.agents import account


class Command(BaseCommand):
    help = "Say what the ElevenLabs key may and may not do, and what the account has left. Changes nothing."

    def handle(self, **_):
        self.stdout.write(account.key_in_words())
        found = account.look()
        if found.tier:
            self.stdout.write(
                f"Plan {found.tier}: {found.used} credits used, {found.left} left, {found.calls} calls at the same time."
            )
        for one in found.findings:
            self.stdout.write(f"{one.state:9}  {one.title}. {one.says}".rstrip())
        if found.problem:
            raise CommandError(found.problem)
        if found.lacking:
            raise CommandError(f"{len(found.lacking)} of {len(found.findings)} are missing. What to do stands above.")
