"""What ElevenLabs says we used, beside our own records: as a page, and as a file. Looking at it asks nobody."""

import csv
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from personas import remits
from voice.books import looking, plan, showing
from voice.forms import UsageForm
from voice.views.figures import period_of


@never_cache
@require_GET
@staff_member_required(login_url="admin:login")
@permission_required("voice.view_workspace", raise_exception=True)
def usage(request):
    """Both sides of a period; with ``reason`` the calls that explain a difference, with ``format=csv`` its days as a file."""
    if remits.is_limited(request.user):
        raise PermissionDenied  # the plan and the credits are the whole account's
    form = UsageForm(request.GET or None)
    period = period_of(form)
    rows = showing.rows(period)
    if request.GET.get("format") == "csv":
        return _file(period, rows)
    reason = form.is_valid() and form.cleaned_data["reason"]
    context = {
        **admin.site.each_context(request),
        "title": _("Usage"),
        "form": form,
        "period": period,
        "plan": plan.known(),
        "marks": plan.MARKS,
        "reading": (reading := looking.last()),
        "running": reading and showing.running(reading),
        "sum": (sides := showing.total(rows)),
        "in_words": showing.in_words(sides),
        "explanations": showing.explanations(rows, period),
        "reason": reason and showing.Reason(reason).label,
        "calls": showing.calls(period, reason) if reason else [],
        "most": showing.SHOWN_CALLS,
        "plots": showing.plots(rows, period),
        "products": [] if period.persona else showing.products(period),
        "board": {"weekly": showing.is_weekly(period)},
        "rows": (table := showing.table(rows))[: showing.SHOWN_ROWS],
        "more": max(0, len(table) - showing.SHOWN_ROWS),
        "query": urlencode({**request.GET.dict(), "format": "csv"}),
    }
    return render(request, "admin/voice/usage.html", context)


def _file(period, rows):
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="usage-{period.first}-{period.last}.csv"'
    csv.writer(response).writerows(showing.file(rows))
    return response
