"""Personas for staff. The rooms to the left of this one extend the class and register it again with what they add."""

from personas.admin.columns import badge
from personas.admin.nameless import Nameless
from personas.admin.narrowing import Narrowed, PersonaFilter, Undivided
from personas.admin.personas import PersonaAdmin, PersonaForm, StarterQuestionInline
from personas.admin.remits import RemitAdmin

__all__ = [
    "Nameless",
    "Narrowed",
    "PersonaAdmin",
    "PersonaFilter",
    "PersonaForm",
    "RemitAdmin",
    "StarterQuestionInline",
    "Undivided",
    "badge",
]
