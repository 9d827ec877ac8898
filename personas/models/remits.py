"""To which personas somebody of the staff is limited. Whoever has no row is limited by the rights of their groups alone."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RemitQuerySet(models.QuerySet):
    def about(self, user):
        """Those of this person and of their groups."""
        return self.filter(Q(user=user) | Q(group__in=user.groups.order_by().values("pk")))

    def personas_of(self, user):
        """The ids of the personas this person is limited to, a frozenset that may be empty; None for no limit.

        Asked once of a user as a request has it, since a page narrows many lists. A superuser is never limited; whoever
        is not signed in looks after nobody.
        """
        if user.is_superuser:
            return None
        if not user.is_authenticated:
            return frozenset()
        if not hasattr(user, "_remit"):
            found = set(self.about(user).order_by().values_list("personas", flat=True))
            user._remit = frozenset(found - {None}) if found else None
        return user._remit


class Remit(models.Model):
    """Somebody, or everybody of a group, limited to some personas. Rows add up; one whose personas are all gone still limits."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        help_text=_("This person alone. Or choose a group below."),
    )
    group = models.OneToOneField(
        Group,
        on_delete=models.PROTECT,  # else its people, with the rights of their other groups, would see every persona
        null=True,
        blank=True,
        help_text=_("Everybody who is in this group. Choose the one that gives them their rights."),
    )
    personas = models.ManyToManyField(
        "personas.Persona",
        related_name="remits",
        help_text=_("These they may see and change, as far as their groups allow it. Of all others they see nothing."),
    )

    objects = RemitQuerySet.as_manager()

    class Meta:
        verbose_name = _("limit to personas")
        verbose_name_plural = _("limits to personas")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, group=None) | Q(user=None, group__isnull=False),
                name="remit_of_user_or_group",
                violation_error_message=_("Choose either a person or a group."),
            )
        ]

    def __str__(self):
        return str(self.user or self.group)
