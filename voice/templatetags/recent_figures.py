"""The last seven days in a few figures, for the admin's first page."""

from datetime import timedelta

from django import template
from django.utils import timezone

from personas.models import Remit
from voice.figures import showing
from voice.figures.board import Board, Period

register = template.Library()


@register.simple_tag(takes_context=True)
def recent_figures(context):
    """The cards of the last seven days, each with the seven before. One query for each."""
    today = timezone.now().date()
    mine = Remit.objects.personas_of(context["request"].user)
    period = Period(today - timedelta(days=6), today, among=mine)
    boards = (Board.read(one, lists=False) for one in (period, period.before()))
    return showing.cards(*boards, period)[:6]
