"""Personas for staff. The rooms to the left of this one extend the class and register it again with what they add."""

from personas.admin.columns import badge
from personas.admin.personas import PersonaAdmin, PersonaForm, StarterQuestionInline

__all__ = ["PersonaAdmin", "PersonaForm", "StarterQuestionInline", "badge"]
