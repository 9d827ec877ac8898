"""Moments as a person would say them."""

from datetime import timedelta

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _


def ago(moment):
    """How long ago it was: "just now" within a minute, then as Django's timesince."""
    return (
        _("just now")
        if timezone.now() - moment < timedelta(minutes=1)
        else _("{time} ago").format(time=timesince(moment))
    )


def lasting(since):
    """How long it lasts already: "less than a minute", then as Django's timesince."""
    return _("less than a minute") if timezone.now() - since < timedelta(minutes=1) else timesince(since)
