"""manage.py sync_agents: bring the agents at ElevenLabs in step with the personas, now."""

import time

from django.core.management.base import BaseCommand, CommandError

from personas.models import Persona
from voice import agents, gateway
from voice.agents import account, orphans, plans, workspace
from voice.claims import Busy
from voice.models import Agent

WAIT_SECONDS = 120


class Command(BaseCommand):
    help = "Create, update and delete agents at ElevenLabs so that they follow the personas. Equal ones send nothing."

    def add_arguments(self, parser):
        parser.add_argument("--persona", metavar="SLUG", help="only this persona")
        parser.add_argument(
            "--dry-run", action="store_true", help="show field by field what would be done, and do nothing"
        )
        parser.add_argument(
            "--prune", action="store_true", help="also delete our agents and tools that belong to no persona any more"
        )

    def handle(self, *, persona, dry_run, prune, **_):
        personas = Persona.objects.filter(slug=persona) if persona else None
        if persona and not personas.exists():
            raise CommandError(
                f"There is no persona with the slug {persona}. `manage.py sync_agents --dry-run` lists them all."
            )
        self._warn_of_the_key(account.known_now() if dry_run else account.look_if_new())
        plan = plans.make(personas, prune)
        if dry_run:
            self._show(plan)
        else:
            self._follow(plan, personas, prune)

    def _warn_of_the_key(self, found):
        """Once for every key: what it may not do, before it fails at it. A dry run says what is known: finding out takes
        requests that are no reads."""
        for one in found.lacking if found else []:
            self.stdout.write(f"The key may not {one.title}. {one.says}")

    def _follow(self, plan, personas, prune):
        self.failed = 0
        try:
            self._carry_out(plan, Persona.objects.all() if personas is None else personas)
            if personas is None:
                self._remove_lost()
                self._prune(prune)
        except gateway.GatewayError as fault:
            raise CommandError(str(fault)) from fault
        if self.failed:
            raise CommandError(f"{self.failed} not in step. The reasons stand above and in the admin.")

    def _show(self, plan):
        """One line a field, its subject first in each, so that grep finds all of a persona's."""
        if plan.fault:
            self.stdout.write(f"ElevenLabs could not be asked, so this goes by what was sent last. {plan.fault}")
        widest = max(len(step.subject) for step in plan.steps)
        for step in plan.steps:
            head = f"{step.subject:{widest}}  {step.what:7}"
            self.stdout.write(f"{head}  {step.verb:7}  {step.note}".rstrip())
            for difference in step.differences:
                for line in _told(difference):
                    self.stdout.write(f"{head}  {line}".rstrip())
        self.stdout.write(", ".join(f"{verb}: {count}" for verb, count in plan.count().items()))

    def _carry_out(self, plan, personas):
        """What the plan changes is sent even when nothing of ours changed: then somebody changed it there."""
        if plan.shares_change:
            workspace.forget()
        for one in personas:
            self._sync(agents.note(one, again=one.pk in plan.persona_ids), one.slug)

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
        # What was changed by hand in fields that no sync sets is for staff to decide: no failure of this run.
        self.failed += fresh.state not in (Agent.State.IN_STEP, Agent.State.OUT_OF_STEP)
        problem = f" {fresh.problem}" if fresh.problem else ""
        self.stdout.write(f"{name}: {fresh.get_state_display().lower()} ({seconds:.1f} s){problem}")

    def _remove_lost(self):
        for agent in Agent.objects.filter(persona=None):
            self._sync(agent, agent.elevenlabs_agent_id or str(agent.persona_key))

    def _prune(self, prune):
        found = orphans.find()
        gone = orphans.remove([one.key for one in found]) if prune else []
        for one in found:
            told = "deleted" if one in gone else "belongs to no persona"
            self.stdout.write(f"{one.id}: {told} ({one.kind} {one.name})")
        if found and not prune:
            self.stdout.write("Add --prune to delete those that belong to no persona.")


def _told(difference):
    """A difference as lines of a terminal."""
    if not difference.is_long:
        there, ours = (f"“{text}”" if text else "nothing" for text in difference.texts)
        return [f"{difference.path}: {there} → {ours}"]
    return [f"{difference.path}:", *(f"  {sign} {text}" for sign, text in difference.lines)]
