"""The dashboard: figures of a period, drawn, as a table, and as a file."""

import csv
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from personas import remits
from personas.models import Remit
from voice.figures import days, listing, showing
from voice.figures.board import Board, Period
from voice.forms import PeriodForm


@never_cache
@require_GET
@staff_member_required(login_url="admin:login")
@permission_required("voice.view_conversation", raise_exception=True)
def figures(request):
    """The dashboard, or with ``format=csv`` its days as a file. A period that is none becomes the last 30 days."""
    form = PeriodForm(request.GET or None)
    form.fields["persona"].queryset = remits.personas(request.user)
    period = replace(period_of(form), among=Remit.objects.personas_of(request.user))
    if request.GET.get("format") == "csv":
        return _file(period, Board.read(period, daily=True, lists=False))
    board, before = Board.read(period), Board.read(period.before(), lists=False)
    context = {
        **admin.site.each_context(request),
        "title": "Voice",
        "form": form,
        "period": period,
        "board": board,
        "cards": showing.cards(board, before, period),
        "plots": showing.plots(board, period),
        "lists": listing.lists(board, period),
        "wrong": listing.wrong(board, period),
        "months": showing.months(listing.months(board, period)),
        "funnel": showing.funnel(board, period),
        "made_at": days.made_at(),
        "query": urlencode({**request.GET.dict(), "format": "csv"}),
        "chosen": urlencode({name: request.GET[name] for name in ("persona", "channel") if request.GET.get(name)}),
    }
    return render(request, "admin/voice/figures.html", context)


def period_of(form):
    """The Period that a PeriodForm names; the last 30 days when it names none."""
    today = timezone.now().date()
    if not form.is_bound or not form.is_valid():
        return Period(today - timedelta(days=29), today)
    told = form.cleaned_data
    last = told["last"] or today
    first = told["first"] or last - timedelta(days=29)
    return Period(first, last, told["persona"], told.get("channel", ""))


def _file(period, board):
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="voice-{period.first}-{period.last}.csv"'
    writer = csv.writer(response)
    writer.writerows(showing.table(board))
    return response
