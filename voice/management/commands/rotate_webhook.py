"""manage.py rotate_webhook: a new secret for the post-call webhook in place of the old one."""

from django.core.management.base import BaseCommand, CommandError

from voice import gateway
from voice.agents import rotation, workspace
from voice.claims import Busy


class Command(BaseCommand):
    help = (
        "Say how far the change of the post-call webhook's secret is; with --now, begin one. No report is lost by it."
    )

    def add_arguments(self, parser):
        parser.add_argument("--now", action="store_true", help="make a new webhook with a new secret")

    def handle(self, *, now, **_):
        try:
            if now:
                workspace.replace_webhook()
                self.stdout.write(
                    "A new webhook was made. The workers move the agents to it, or `manage.py sync_agents`."
                )
            else:
                rotation.retire()
        except (gateway.GatewayError, Busy) as fault:
            raise CommandError(str(fault)) from fault
        for sentence in rotation.webhook().says:
            self.stdout.write(sentence)
        if not now and rotation.webhook().done:
            self.stdout.write("To replace it: manage.py rotate_webhook --now")
