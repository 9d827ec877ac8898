"""All that one persona knows, as one versioned whole."""

from datetime import timedelta

from django.db import connection, models
from django.db.models import F
from django.utils import timezone

from personas.models import Persona


class LibraryQuerySet(models.QuerySet):
    def moved(self, persona_id):
        """Move the persona's knowledge version on. Call it inside the transaction that changes its passages."""
        self.get_or_create(persona_id=persona_id)
        self.filter(pk=persona_id).update(version=F("version") + 1, changed_at=timezone.now())

    def read_version(self, persona_id):
        """The version of a persona's knowledge, 0 while there is none. Every question asks for it, so it goes past the
        ORM: 0.1 ms instead of 0.5 (measured between other work)."""
        with connection.cursor() as cursor:
            key = self.model._meta.pk.get_db_prep_value(persona_id, connection)
            cursor.execute(f"SELECT version FROM {self.model._meta.db_table} WHERE persona_id = %s", [key])
            row = cursor.fetchone()
        return row[0] if row else 0

    def moved_lately(self):
        """Those that moved so lately that somebody may not have heard of it."""
        return self.filter(changed_at__gte=timezone.now() - timedelta(minutes=10))


class Library(models.Model):
    """All that one persona knows, as one versioned whole. The version moves with every change of its passages,
    so an index or a cached answer of another version is known to be old."""

    persona = models.OneToOneField(Persona, on_delete=models.CASCADE, primary_key=True, related_name="library")
    version = models.PositiveBigIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = LibraryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "libraries"

    def __str__(self):
        return f"{self.persona} v{self.version}"
