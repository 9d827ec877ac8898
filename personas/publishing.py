"""The one way to visitors: whoever knows a reason why a persona should not be published yet is asked first.

The rooms to the left hold such reasons and this one may not know them, so they listen: a receiver of ``about_to_publish``
gives an Objection, or None.
"""

from dataclasses import dataclass

from django.dispatch import Signal

about_to_publish = Signal()  # sent with ``persona``, ``by``, who publishes or None, and ``changed`` as below


@dataclass(frozen=True, slots=True)
class Objection:
    """Why not yet: a sentence for staff, and the address of the page where it can be put right ("" for none)."""

    sentence: str
    address: str = ""


class NotYet(Exception):
    """The persona stays as it is. ``objections`` say why, and what to do."""

    def __init__(self, objections):
        super().__init__(" ".join(objection.sentence for objection in objections))
        self.objections = objections


def publish(persona, by=None):
    """Let visitors in. One save, so that whoever listens for a saved persona hears of it. Raises NotYet."""
    found = objections(persona, by)
    if found:
        raise NotYet(found)
    persona.status = persona.Status.PUBLISHED
    persona.save(update_fields=["status", "updated_at"])


def objections(persona, by=None, changed=()):
    """[Objection, …] to publishing a persona now; empty when nothing stands in the way, or it is published already.

    For doors that save more than the status: ask this before, and save only when it is empty. ``changed`` names the
    fields that will be saved with it and are not on the persona yet.
    """
    if persona._state.adding or type(persona).objects.published().filter(pk=persona.pk).exists():
        return []
    answers = about_to_publish.send(type(persona), persona=persona, by=by, changed=frozenset(changed))
    return [objection for _, objection in answers if objection is not None]
