"""Moments as a person would say them."""

from datetime import timedelta

from django.utils import timezone
from django.utils.timesince import timesince


def ago(moment):
    """How long ago it was: "just now" within a minute, then as Django's timesince."""
    return "just now" if timezone.now() - moment < timedelta(minutes=1) else f"{timesince(moment)} ago"
