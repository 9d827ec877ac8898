"""Documents for staff: added beside their persona, watched while they are read, tried with a question; and how good they are."""

from knowledge.admin.documents import DocumentAdmin
from knowledge.admin.flags import FlagAdmin
from knowledge.admin.gaps import GapAdmin
from knowledge.admin.golden_questions import GoldenQuestionAdmin
from knowledge.admin.personas import PersonaAdmin

__all__ = ["DocumentAdmin", "FlagAdmin", "GapAdmin", "GoldenQuestionAdmin", "PersonaAdmin"]
