"""Which questions of the diary are old, and nobody's work any more."""

from django.db.models import Q

from knowledge.models import Asked, Gap


def old_questions(before):
    """Asked before a moment, oldest first. Those of an open gap stay as long as it is open: they are what staff count it by. So do
    those that were not gathered into one yet."""
    open_ = Q(gap__status=Gap.Status.OPEN) | Q(found=False, gap=None)
    return Asked.objects.filter(at__lt=before).exclude(open_).order_by("at")
