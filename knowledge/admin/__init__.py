"""Documents for staff: added beside their persona, watched while they are read, tried with a question."""

from knowledge.admin.documents import DocumentAdmin
from knowledge.admin.personas import PersonaAdmin

__all__ = ["DocumentAdmin", "PersonaAdmin"]
