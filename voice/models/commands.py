"""What visitors told running calls to do."""

from django.db import models
from django.utils import timezone

from voice.models.conversations import Session


class Command(models.Model):
    """A wish of a visitor that the page carried out, or could not: not a question, so no tool call of ours."""

    WORDS = {
        "repeat_answer": "Say the last answer again",
        "set_speaking_speed slower": "Speak slower",
        "set_speaking_speed faster": "Speak faster",
        "set_speaking_speed normal": "Speak at your own pace",
        "show_sources": "Show the source",
        "stop_speaking": "Be quiet",
    }
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="commands")
    key = models.CharField(max_length=40, help_text="Names the command within its call, so that it is kept once.")
    name = models.CharField(max_length=64)
    wish = models.CharField(max_length=40, blank=True, help_text="What more was said: slower, faster.")
    done = models.BooleanField(default=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["session", "key"], name="command_kept_once")]

    def __str__(self):
        return self.WORDS.get(f"{self.name} {self.wish}".strip(), f"{self.name} {self.wish}".strip())
