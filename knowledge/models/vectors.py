"""What passages mean, in numbers: one engine's vectors of one passage."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge.models.documents import Passage


class Scale(models.Model):
    """How an engine's cosines compare with those of the engine of this host, for whose cosines everything is weighed."""

    engine = models.CharField(primary_key=True, max_length=120)
    slope = models.FloatField(help_text=_("0 where the engine's cosines say nothing."))
    shift = models.FloatField()

    def __str__(self):
        return self.engine


class Vectors(models.Model):
    """What one engine made of a passage. A passage has none while the engine is missing, and two engines' while one
    takes over from the other; vectors of two engines are never compared."""

    passage = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="vectors")
    engine = models.CharField(max_length=120, help_text=_("The id of the engine that made them."))
    vector = models.BinaryField(help_text=_("Of the passage: float16, unit length, as wide as the engine makes them."))
    sentence_vectors = models.BinaryField(help_text=_("One such vector per sentence, one after the other."))

    class Meta:
        verbose_name_plural = "vectors"
        constraints = [models.UniqueConstraint(fields=["passage", "engine"], name="vectors_once_per_engine")]

    def __str__(self):
        return gettext("{engine} of {passage_id}").format(engine=self.engine, passage_id=self.passage_id)
