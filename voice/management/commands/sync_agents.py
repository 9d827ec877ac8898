"""manage.py sync_agents: bring the agents at ElevenLabs in step with the personas, now."""

import time

from django.core.management.base import BaseCommand, CommandError

from personas.models import Persona
from voice import agents, gateway
from voice.claims import Busy
from voice.models import Agent

WAIT_SECONDS = 120


class Command(BaseCommand):
    help = "Create, update and delete agents at ElevenLabs so that they follow the personas. Equal ones send nothing."

    def add_arguments(self, parser):
        parser.add_argument("--persona", metavar="SLUG", help="only this persona")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument(
            "--prune", action="store_true", help="also delete our agents that belong to no persona any more"
        )

    def handle(self, *, persona, dry_run, prune, **_):
        personas = Persona.objects.filter(slug=persona) if persona else Persona.objects.all()
        if persona and not personas.exists():
            raise CommandError(
                f"There is no persona with the slug {persona}. `manage.py sync_agents --dry-run` lists them all."
            )
        self.failed = 0
        try:
            for one in personas:
                self._dry(one) if dry_run else self._sync(agents.note(one), one.slug)
            if not persona:
                self._remove_lost(dry_run)
                self._prune(dry_run, prune)
        except gateway.GatewayError as fault:
            raise CommandError(str(fault)) from fault
        if self.failed:
            raise CommandError(f"{self.failed} not in step. The reasons stand above and in the admin.")

    def _dry(self, persona):
        self.stdout.write(f"{persona.slug}: {agents.plan(persona)}")

    def _sync(self, agent, name):
        """Ask again while another worker is at it, or while ElevenLabs asks us to wait."""
        started = time.monotonic()
        while True:
            try:
                agents.sync(agent)
                break
            except (Busy, gateway.Unreachable) as fault:
                pause = getattr(fault, "retry_after", None) or 2
                if time.monotonic() - started + pause > WAIT_SECONDS:
                    self.failed += 1
                    self.stdout.write(f"{name}: waiting. {fault}")
                    return
                time.sleep(pause)
        self._say(agent, name, time.monotonic() - started)

    def _say(self, agent, name, seconds):
        fresh = Agent.objects.filter(pk=agent.pk).first()
        if fresh is None:
            self.stdout.write(f"{name}: deleted ({seconds:.1f} s)")
            return
        self.failed += fresh.state != Agent.State.IN_STEP
        problem = f" {fresh.problem}" if fresh.problem else ""
        self.stdout.write(f"{name}: {fresh.get_state_display().lower()} ({seconds:.1f} s){problem}")

    def _remove_lost(self, dry_run):
        for agent in Agent.objects.filter(persona=None):
            if dry_run:
                self.stdout.write(f"{agent.elevenlabs_agent_id or agent.persona_key}: delete, its persona is gone")
            else:
                self._sync(agent, agent.elevenlabs_agent_id or str(agent.persona_key))

    def _prune(self, dry_run, prune):
        orphans = agents.orphans()
        for agent_id in orphans:
            if prune and not dry_run:
                gateway.delete_agent(agent_id)
            self.stdout.write(f"{agent_id}: {'deleted' if prune and not dry_run else 'belongs to no persona'}")
        if orphans and not prune:
            self.stdout.write("Add --prune to delete those that belong to no persona.")
