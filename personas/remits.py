"""The one place where what staff see is narrowed to the personas they look after."""

from personas.models import Persona, Remit


def is_limited(user):
    """Whether this person sees some personas only; what belongs to no persona is then not theirs to see or change."""
    return Remit.objects.personas_of(user) is not None


def narrow(rows, user, persona="persona"):
    """The queryset without what this person may not see; ``persona`` is the way from a row to its persona."""
    mine = Remit.objects.personas_of(user)
    return rows if mine is None else rows.filter(**{f"{persona}__in": mine})


def personas(user):
    """The personas this person may see, as far as their groups allow it."""
    return narrow(Persona.objects.all(), user, "pk")
