"""What visitors told running calls to do."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voice.models.conversations import Session


class Command(models.Model):
    """A wish of a visitor that the page carried out, or could not: not a question, so no tool call of ours."""

    WORDS = {
        "repeat_answer": _("Say the last answer again"),
        "set_speaking_speed slower": _("Speak slower"),
        "set_speaking_speed faster": _("Speak faster"),
        "set_speaking_speed normal": _("Speak at your own pace"),
        "show_sources": _("Show the source"),
        "stop_speaking": _("Be quiet"),
    }
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="commands")
    key = models.CharField(max_length=40, help_text=_("Names the command within its call, so that it is kept once."))
    name = models.CharField(max_length=64)
    wish = models.CharField(max_length=40, blank=True, help_text=_("What more was said: slower, faster."))
    done = models.BooleanField(default=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["session", "key"], name="command_kept_once")]

    def __str__(self):
        said = f"{self.name} {self.wish}".strip()
        return str(self.WORDS.get(said, said))
