"""Who a visitor can talk to."""

import re
import uuid

from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator, MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personas.languages import LANGUAGES
from personas.models.remits import Remit
from personas.recording import Records

VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
MAX_AVATAR_BYTES = 2 * 1024 * 1024


def validate_avatar_size(file):
    """Refuse a picture that a phone would wait for."""
    if file.size > MAX_AVATAR_BYTES:
        raise ValidationError(
            gettext("This picture is larger than 2 MB. Save a smaller copy (512 × 512 is plenty) and try again.")
        )


def validate_no_variables(text):
    """Refuse ``{{name}}``: ElevenLabs closes a call (1008) when a variable in a prompt is not supplied."""
    found = [name for name in VARIABLE.findall(text) if not name.startswith("system__")]
    if found:
        names = ", ".join(f"{{{{{name}}}}}" for name in sorted(set(found)))
        raise ValidationError(
            gettext("{names} would be left empty and end the call. Write the words themselves instead.").format(
                names=names
            )
        )


class PersonaQuerySet(models.QuerySet):
    def published(self):
        return self.filter(status=Persona.Status.PUBLISHED)

    def open_to(self, user):
        """Those whose page this person may open: the published ones, and for staff who may see personas their drafts."""
        if not (user.is_staff and user.has_perm("personas.view_persona")):
            return self.published()
        mine = Remit.objects.personas_of(user)
        return (
            self.all()
            if mine is None
            else self.filter(models.Q(status=Persona.Status.PUBLISHED) | models.Q(pk__in=mine))
        )


class Persona(models.Model):
    """An advisor: a manner, a voice, an opening line. What it knows are its documents."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    class Strictness(models.TextChoices):
        ONLY_DOCUMENTS = "only_documents", _("Only from its documents")
        DOCUMENTS_FIRST = "documents_first", _("Its documents first")
        FREE = "free", _("Freely")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(
        max_length=80,
        validators=[validate_no_variables],  # it stands in the prompt, too
        help_text=_("As visitors see it: a name, or a name and a field."),
    )
    slug = models.SlugField(
        max_length=80,
        unique=True,
        error_messages={"unique": _("This address cannot be used. Choose another.")},  # it may be a draft of others
        help_text=_(
            "The last part of the chat page's address, as in /chat/harbour-guide/. Changing it breaks links people kept."
        ),
    )
    tagline = models.CharField(
        max_length=140, blank=True, help_text=_("One line under the name: what this persona can help with.")
    )
    description = models.TextField(
        blank=True,
        validators=[MaxLengthValidator(2000)],
        help_text=_("A few sentences for the list of personas and the top of the chat page."),
    )
    instructions = models.TextField(
        blank=True,
        validators=[MaxLengthValidator(20000), validate_no_variables],
        help_text=_(
            "How the persona behaves: what it should and should not do. Facts belong into documents; how far it keeps "
            "to them is chosen below and added for you."
        ),
    )
    strictness = models.CharField(
        _("keeps to its documents"),
        max_length=16,
        choices=Strictness,
        default=Strictness.ONLY_DOCUMENTS,
        help_text=_(
            "Only from its documents: where they hold no answer it says its own line below, and nothing else, ever. "
            "Its documents first: weaker passages are enough; where there are none, it may answer from general knowledge and "
            "says that this is not from its documents. Freely: it talks about anything, and still looks facts up first. Without "
            "a language model the typed chat always keeps to the documents."
        ),
    )
    spoken_style = models.TextField(
        blank=True,
        validators=[MaxLengthValidator(2000), validate_no_variables],
        help_text=_(
            "How it talks in a call: short sentences, pauses, warmth, how it says numbers. Not used in the typed chat."
        ),
    )
    written_style = models.TextField(
        blank=True,
        validators=[MaxLengthValidator(2000)],
        help_text=_(
            "How it writes in the typed chat, when a language model writes the answers: length, tone. Not used in calls."
        ),
    )
    first_message = models.CharField(
        max_length=500,
        blank=True,
        validators=[validate_no_variables],
        help_text=_(
            "The first thing said when a call starts, and the greeting on the chat page. Empty: the visitor begins."
        ),
    )
    fallback_message = models.CharField(
        max_length=300,
        default="I don't have that in my documents. Is there something else I can look up?",
        validators=[validate_no_variables],
        help_text=_("Its own “I don't know”: said when the documents hold no answer, and when looking it up fails."),
    )
    language = models.CharField(
        max_length=10,
        choices=LANGUAGES,
        default="en",
        help_text=_("The language it speaks, and that its documents are mostly in."),
    )
    extra_languages = models.JSONField(
        default=list,
        blank=True,
        help_text=_("Further languages visitors may speak, and documents may be in, as codes: for example es and de."),
    )
    avatar = models.ImageField(
        upload_to="avatars/",
        blank=True,
        validators=[FileExtensionValidator(["png", "jpg", "jpeg", "webp"]), validate_avatar_size],
        help_text=_("Square PNG, JPEG or WebP of at most 2 MB. Without one the page draws one from the name."),
    )
    voice_id = models.CharField(
        "voice",
        max_length=64,
        blank=True,
        help_text=_("A voice of your ElevenLabs account. Empty: the account's default voice."),
    )
    stability = models.FloatField(
        default=0.5,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text=_("0 to 1. Lower is livelier and less even; higher is steadier. ElevenLabs' default is 0.5."),
    )
    similarity_boost = models.FloatField(
        "similarity",
        default=0.8,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text=_("0 to 1. How closely the voice keeps to its original. ElevenLabs' default is 0.8."),
    )
    speed = models.FloatField(
        default=1.0,
        validators=[MinValueValidator(0.7), MaxValueValidator(1.2)],
        help_text=_("0.7 to 1.2. 1 is the voice's own pace."),
    )
    status = models.CharField(
        max_length=10,
        choices=Status,
        default=Status.DRAFT,
        db_index=True,
        help_text=_("Only published personas have a chat page for visitors; staff can open drafts too."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PersonaQuerySet.as_manager()
    history = Records()

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def clean(self):
        known = dict(LANGUAGES)
        if not isinstance(self.extra_languages, list) or any(code not in known for code in self.extra_languages):
            raise ValidationError({"extra_languages": gettext("Use a list of these codes: ") + ", ".join(known) + "."})

    def get_absolute_url(self):
        return reverse("voice:chat", args=[self.slug])

    @property
    def is_published(self):
        return self.status == self.Status.PUBLISHED

    @property
    def keeps_to_documents(self):
        """Whether it may say nothing that is not in its documents."""
        return self.strictness == self.Strictness.ONLY_DOCUMENTS

    @property
    def languages(self):
        """Every language code this persona may hear or read, its own first, none twice."""
        return list(dict.fromkeys([self.language, *self.extra_languages]))


class StarterQuestion(models.Model):
    """A question the chat page offers before the visitor has asked one."""

    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="starter_questions")
    text = models.CharField(
        max_length=140, help_text=_("Short, as a visitor would say it; the documents should answer it.")
    )
    position = models.PositiveSmallIntegerField(default=0, help_text=_("Smaller comes first."))

    history = Records()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self):
        return self.text
