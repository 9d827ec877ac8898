"""Who a visitor can talk to, and who of the staff looks after whom."""

from personas.models.personas import (
    MAX_AVATAR_BYTES,
    VARIABLE,
    Persona,
    PersonaQuerySet,
    StarterQuestion,
    validate_avatar_size,
    validate_no_variables,
)
from personas.models.remits import Remit

__all__ = [
    "MAX_AVATAR_BYTES",
    "VARIABLE",
    "Persona",
    "PersonaQuerySet",
    "Remit",
    "StarterQuestion",
    "validate_avatar_size",
    "validate_no_variables",
]
