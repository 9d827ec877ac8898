"""News of deletions and of changed personas: what goes takes its vectors, file, indexes and cached answers with it."""

from django.db import transaction
from django.db.models import F
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from knowledge import caching, golden, removals, shelf, tasks
from knowledge.models import Document, GoldenRun, Library
from personas.models import Persona
from personas.publishing import Objection, about_to_publish

DECIDING = (
    "language",
    "extra_languages",
    "fallback_message",
    "strictness",
)  # what answers depend on beside the documents


@receiver(pre_delete, sender=Document)
def mark_before_deletion(instance, **_):
    """Nothing is cached meanwhile, and no vectors are added to passages that are about to go."""
    caching.mark_changing(instance.persona_id)
    Library.objects.select_for_update().filter(pk=instance.persona_id).first()


@receiver(post_delete, sender=Document)
def remove_traces(instance, **_):
    """The rows go with the document; the version moves, and after the commit file, indexes and answers go too."""
    persona_id, file = instance.persona_id, instance.file
    Library.objects.filter(pk=persona_id).update(version=F("version") + 1, changed_at=timezone.now())
    removals.remove(file)
    transaction.on_commit(lambda: _drop(persona_id))
    tasks.start_asking(persona_id)


@receiver(pre_save, sender=Document)
def note_title(instance, update_fields=None, **_):
    """Staff gave another one, or a new version calls itself otherwise."""
    instance.title_before = None
    if not instance._state.adding and (update_fields is None or "title" in update_fields):
        instance.title_before = Document.objects.filter(pk=instance.pk).values_list("title", flat=True).first()


@receiver(post_save, sender=Document)
def follow_title(instance, **_):
    """Golden questions expect a document by its title."""
    if instance.title_before not in (None, instance.title):
        golden.follow(instance.persona_id, instance.title_before, instance.title)


@receiver(post_delete, sender=Persona)
def remove_indexes(instance, **_):
    persona_id = instance.pk
    transaction.on_commit(lambda: _drop(persona_id, marks=0))


@receiver(pre_save, sender=Persona)
def note_what_was(instance, **_):
    before = Persona.objects.filter(pk=instance.pk).values(*DECIDING).first()
    now = {name: getattr(instance, name) for name in DECIDING}
    instance.answers_change = before is not None and before != now


@receiver(post_save, sender=Persona)
def move_version(instance, **_):
    """Another language is another index; another fallback line another answer."""
    if not getattr(instance, "answers_change", False):
        return
    persona_id = instance.pk
    caching.mark_changing(persona_id)
    moved = {"version": F("version") + 1, "changed_at": timezone.now(), "settled": False}  # vectors may count now
    Library.objects.filter(pk=persona_id).update(**moved)
    transaction.on_commit(lambda: caching.announce(persona_id))
    tasks.start_asking(persona_id)


@receiver(about_to_publish, sender=Persona)
def ask_before_publishing(persona, by=None, changed=frozenset(), **_):
    """Golden questions that got worse keep a persona back. Those not asked since the last change are asked now; what
    changes with this very save was never asked under."""
    found = golden.standing(persona)
    if found.count and not changed.isdisjoint(DECIDING):
        return Objection(
            gettext(
                "What you change decides how it answers, and its golden questions have not been asked like that yet. Save it "
                "as a draft first, then publish it."
            )
        )
    if found.is_open:
        return None
    address = reverse("admin:knowledge_golden", args=[persona.pk])
    if not found.is_current and found.count > golden.AT_ONCE:
        tasks.start_running(persona.pk, GoldenRun.Cause.PUBLICATION, by)
        return Objection(
            gettext(
                "Its {count} golden questions have to be asked first. They are being asked now; publish it again "
                "in a minute."
            ).format(count=found.count),
            address,
        )
    made = found.run if found.is_current else golden.run(persona, GoldenRun.Cause.PUBLICATION, by)
    return None if made.is_accepted else Objection(golden.say_worse(made), address)


def _drop(persona_id, marks=1):
    shelf.forget(persona_id)
    caching.announce(persona_id, marks)
