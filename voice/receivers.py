"""News from other rooms: a persona was saved or deleted, so its agent and its live calls must follow.

Noted within the change itself, done after it is committed, the slow part by a task.
"""

from functools import partial

from django.apps import apps as installed
from django.db import transaction
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete
from django.dispatch import receiver

from knowledge import caching, removals, usage
from personas.models import Persona
from voice import agents, ledger, phones, roles, sessions, tasks, tools
from voice.models import Agent, Conversation, Delivery, Forgotten, Session


@receiver(post_migrate)
def tables_made(sender, apps=installed, **_):
    """Once a run of migrate, which may have gone only so far that there is no table of groups yet."""
    if sender.name == "voice" and "auth" in apps.app_configs:
        roles.make_groups()


@receiver(post_save, sender=Persona)
def persona_saved(instance, created, raw, **_):
    """Loading a fixture is no news."""
    if raw:
        return
    agent = agents.note(instance)
    transaction.on_commit(lambda: tasks.start(tasks.sync_agent, agent.pk))
    if not created:
        transaction.on_commit(lambda: sessions.doubt(instance))


@receiver(pre_delete, sender=Persona)
def persona_goes(instance, **_):
    """Now, while its calls and numbers still know it."""
    sessions.doubt(instance)
    for number in phones.let_go(instance):
        transaction.on_commit(partial(tasks.start, tasks.sync_phone_number, number.pk))


@receiver(post_delete, sender=Persona)
def persona_deleted(instance, **_):
    """The agent's row stays, without its persona, until the other side has let go too."""
    agent = Agent.objects.filter(persona_key=instance.pk).first()
    if agent is not None:
        transaction.on_commit(lambda: tasks.start(tasks.sync_agent, agent.pk))


@receiver(post_delete, sender=Conversation)
def conversation_deleted(instance, **_):
    """Who has a thread deleted has the questions in it forgotten, too."""
    usage.forget(str(instance.pk))


@receiver(pre_delete, sender=Session)
def session_goes(instance, **_):
    """What it used stands in the sums, under its day and its persona."""
    ledger.take_back(Session.objects.filter(pk=instance.pk))


@receiver(post_delete, sender=Session)
def session_deleted(instance, **_):
    """What was reported of the call goes with it, and does not come back with a late report. Of a place that was only
    held nothing can come."""
    subject, recording = instance.elevenlabs_conversation_id, instance.recording
    if ":" in subject:
        return
    for key in (tools.live_key(subject), tools.thread_key(subject)):
        caching.forget(key)
    Forgotten.objects.get_or_create(elevenlabs_conversation_id=subject)
    Delivery.objects.filter(subject=subject).delete()
    removals.remove(recording)
