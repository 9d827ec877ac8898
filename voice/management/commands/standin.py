"""`manage.py standin`: the pretend ElevenLabs, for working without an account."""

from django.core.management.base import BaseCommand

from voice.standin.options import add_flags, read_flags
from voice.standin.server import serve


class Command(BaseCommand):
    help = "Serve a pretend ElevenLabs on this machine, so that voice works without an account."
    requires_system_checks = []

    def add_arguments(self, parser):
        add_flags(parser)

    def handle(self, **given):
        serve(read_flags(given), say=self.stdout.write)
