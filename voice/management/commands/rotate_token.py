"""manage.py rotate_token: a new service token in place of the old one, step by step."""

import secrets

from django.core.management.base import BaseCommand, CommandError

from voice import gateway, tokens
from voice.agents import rotation, workspace
from voice.claims import Busy


class Command(BaseCommand):
    help = (
        "Replace the service token without refusing a single call. Run it as often as you like: each time it does what "
        "can be done now and says what comes next. It never edits your settings."
    )

    def handle(self, **_):
        try:
            workspace.prepare()
        except (gateway.GatewayError, Busy) as fault:
            raise CommandError(f"The token could not be put into ElevenLabs' secret. {fault}") from fault
        for sentence in rotation.token().says:
            self.stdout.write(sentence)
        if len(tokens.live()) == 1:
            self.stdout.write(f"A new token, made just now: {secrets.token_urlsafe(32)}")
