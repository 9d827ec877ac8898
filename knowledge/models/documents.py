"""Sources, and the passages they were cut into."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models.flags import Flag
from personas.models import Persona
from personas.recording import Records

REMEMBERED = ("id", "persona", "title", "file_name")  # of a document that is gone: never what stood in it


class DocumentQuerySet(models.QuerySet):
    def ready(self):
        return self.filter(status=Document.Status.READY)

    def read(self):
        """Those that were read, whatever becomes of them now: until another reading succeeds, what was read stays."""
        return self.exclude(read_at=None)

    def waiting(self):
        return self.filter(status=Document.Status.WAITING)


class Document(models.Model):
    """A source: a file, pasted text or a page on the web, and what was read from it."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READING = "reading", _("Reading")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    BUSY = (Status.WAITING, Status.READING)

    class Kind(models.TextChoices):
        PDF = "pdf", _("PDF")
        DOCX = "docx", _("Word (DOCX)")
        HTML = "html", _("HTML")
        MARKDOWN = "md", _("Markdown")
        TEXT = "txt", _("Text")
        EPUB = "epub", _("E-book (EPUB)")
        CSV = "csv", _("Table (CSV)")
        EXCEL = "xlsx", _("Excel (XLSX)")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="documents")
    title = models.CharField(max_length=200, help_text=_("As it stands on citations."))
    named = models.BooleanField(
        default=False, editable=False, help_text=_("Staff gave the title; otherwise the document names itself.")
    )
    kind = models.CharField(max_length=8, choices=Kind, editable=False)
    file = models.FileField(upload_to="documents/%Y/%m/", blank=True, max_length=300)
    file_name = models.CharField(
        max_length=255, blank=True, editable=False, help_text=_("The name it was uploaded under.")
    )
    pasted_text = models.TextField(blank=True, help_text=_("Text given without a file."))
    sha256 = models.CharField(max_length=64, blank=True, editable=False, help_text=_("Of the bytes as given."))
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.CASCADE, editable=False, related_name="newer",
        help_text=_("The document whose new version this is; it moves there once it was read."),
    )  # fmt: skip
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING, editable=False)
    progress = models.PositiveSmallIntegerField(default=0, editable=False, help_text=_("0 to 100, while it is read."))
    problem = models.TextField(blank=True, editable=False, help_text=_("Why it could not be read, and what to do."))
    warning = models.TextField(
        blank=True, editable=False, help_text=_("What was left out, for example pages without text.")
    )
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    claimed_at = models.DateTimeField(null=True, editable=False, help_text=_("When a worker last took it up."))
    text = models.TextField(blank=True, editable=False, help_text=_("What was read; passages' offsets count in it."))
    text_sha256 = models.CharField(
        max_length=64, blank=True, db_index=True, editable=False, help_text=_("Of what was read, white space aside.")
    )
    pages = models.PositiveIntegerField(null=True, editable=False)
    page_starts = models.JSONField(
        default=list, editable=False, help_text=_("Character offsets in the text at which its pages begin.")
    )
    superseded_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, editable=False, related_name="supersedes",
        help_text=_("The document that answers in its place; this one no longer does."),
    )  # fmt: skip
    created_at = models.DateTimeField(auto_now_add=True)
    given_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text=_("When the content came in that it has now.")
    )
    read_at = models.DateTimeField(null=True, editable=False)

    objects = DocumentQuerySet.as_manager()
    history = Records(kept=REMEMBERED)

    class Meta:
        ordering = ["title", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["persona", "sha256"], name="one_document_per_content", condition=~models.Q(sha256="")
            )
        ]

    def __str__(self):
        return self.title


class PassageQuerySet(models.QuerySet):
    def known_to(self, persona):
        """The passages this persona may answer from: its own, of documents that are not superseded, without those that a
        flag withholds. A document that is being read again answers as before until it was."""
        current = self.filter(persona=persona, document__superseded_by=None)
        return current.exclude(Flag.objects.over_passage())

    def withheld(self):
        """Those that a flag keeps from answering."""
        return self.filter(Flag.objects.over_passage())

    def with_vectors(self, engine):
        """Each with this engine's ``vector`` and ``sentence_vectors`` as bytes, None where there are none yet. One
        query: a join costs less than reading the vectors apart."""
        found = {name: models.F(f"made__{name}") for name in ("vector", "sentence_vectors")}
        return self._joined_with(engine).annotate(**found)

    def without_vectors(self, engine):
        """Those of which this engine has made no vectors."""
        return self._joined_with(engine).filter(made=None)

    def _joined_with(self, engine):
        return self.annotate(made=models.FilteredRelation("vectors", condition=models.Q(vectors__engine=engine)))


class Passage(models.Model):
    """A stretch of a document small enough to hand over, with the place where it stands."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="passages")
    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="passages")
    position = models.PositiveIntegerField(help_text=_("0, 1, 2 … within the document."))
    text = models.TextField()
    start = models.PositiveIntegerField(help_text=_("Character offset in the document's text, inclusive."))
    end = models.PositiveIntegerField(help_text=_("Character offset in the document's text, exclusive."))
    page = models.PositiveIntegerField(null=True, help_text=_("1-based; null where the format has no pages."))
    heading = models.CharField(
        max_length=500, blank=True, help_text=_("Heading path, outermost first, joined by ' › '.")
    )
    sentences = models.JSONField(default=list, help_text=_("[[start, end], …] within the passage's text."))

    objects = PassageQuerySet.as_manager()

    class Meta:
        ordering = ["document", "position"]
        constraints = [models.UniqueConstraint(fields=["document", "position"], name="passage_position_once")]

    def __str__(self):
        return self.text[:80]
