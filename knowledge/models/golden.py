"""Questions whose answers are known, and what became of them each time they were asked."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personas.models import Persona
from personas.recording import Records


def check_texts(value):
    """Refuse anything but a list of texts."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValidationError(gettext("Give a list of texts, none of them empty."))


class GoldenQuestion(models.Model):
    """A question staff know the answer to. It passes when the persona answers it as expected."""

    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="golden_questions")
    question = models.CharField(max_length=1000, help_text=_("As a visitor would put it."))
    earlier = models.JSONField(
        _("asked before it"),
        default=list,
        blank=True,
        validators=[check_texts],
        help_text=_("For a question that follows on others: what the visitor asked before, the first one first."),
    )
    # The title, not a key: a document that is uploaded again is another row under the same title.
    document = models.CharField(
        max_length=200, blank=True, help_text=_("The title of the document that must be cited. Empty: any may be.")
    )
    answers = models.JSONField(
        default=list,
        blank=True,
        validators=[check_texts],
        help_text=_(
            "Words of which at least one must stand in the answer, letter for letter. None: any answer will do."
        ),
    )
    expects_nothing = models.BooleanField(
        _("expects no answer"),
        default=False,
        help_text=_("The documents do not hold it: the persona must say so instead of answering."),
    )
    position = models.PositiveIntegerField(default=0, help_text=_("Smaller comes first."))
    active = models.BooleanField(default=True, help_text=_("Only active questions are asked."))

    history = Records()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self):
        return self.question

    def clean(self):
        if self.expects_nothing and (self.document or self.answers):
            raise ValidationError(
                gettext("Either no answer is expected, or a document and words are. Clear one side and save again.")
            )

    @property
    def key(self):
        """Names the question and what it expects: runs are compared over those that have not changed."""
        expects = [self.document, self.answers, self.expects_nothing]
        return str(uuid.uuid5(uuid.NAMESPACE_OID, repr([self.question, self.earlier, expects])))


class GoldenRunQuerySet(models.QuerySet):
    def accepted(self):
        return self.exclude(accepted_at=None)

    def newest(self, persona):
        """The last run of a persona, or None."""
        return self.filter(persona=persona).order_by("-started_at", "-pk").first()


class GoldenRun(models.Model):
    """All golden questions of a persona asked once, and whether the result is accepted for publishing."""

    class Cause(models.TextChoices):
        CHANGE = "change", _("Knowledge changed")
        DEMAND = "demand", _("Asked for")
        PUBLICATION = "publication", _("About to be published")

    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="golden_runs")
    version = models.PositiveBigIntegerField(help_text=_("Of the persona's knowledge."))
    question_set = models.CharField(max_length=36, help_text=_("Names the set of questions that were asked."))
    cause = models.CharField(max_length=12, choices=Cause)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(default=timezone.now, db_index=True)
    finished_at = models.DateTimeField(default=timezone.now)
    asked = models.PositiveIntegerField(default=0)
    passed = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=dict, help_text=_("As evaluation.summarise gives them."))
    outcomes = models.JSONField(default=list, help_text=_("One object per question."))
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text=_("Empty: by itself."),
    )
    reason = models.CharField(max_length=500, blank=True, help_text=_("Why it was accepted although it was worse."))

    objects = GoldenRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self):
        return gettext("{persona}: {passed} of {asked}").format(
            persona=self.persona, passed=self.passed, asked=self.asked
        )

    @property
    def is_accepted(self):
        return self.accepted_at is not None
