"""Which documents are cited most, and which never: for a period, one persona or all, on a page and as CSV."""

from datetime import timedelta

from django import forms
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge import sheets, usage
from knowledge.admin import pages
from knowledge.admin.golden import as_file
from knowledge.models import Document
from personas import remits
from personas.models import Persona

PERIODS = [("30", "30 days"), ("90", "90 days"), ("all", _("All the time"))]
MOST_SHOWN = 50
COLUMNS = ["persona", "document", "questions", "last_cited", "here_since"]


class PeriodForm(forms.Form):
    persona = forms.ModelChoiceField(Persona.objects.all(), required=False, empty_label=_("All personas"))
    period = forms.ChoiceField(choices=PERIODS, required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["persona"].queryset = remits.personas(user)


def show(model_admin, request):
    """The page, or with ``?format=csv`` the table as a file."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    form = PeriodForm({"period": "30"} | request.GET.dict(), user=request.user)
    chosen = form.cleaned_data if form.is_valid() else {}
    persona, since = chosen.get("persona"), _since(chosen.get("period"))
    documents = usage.count_citations(_documents(model_admin, request, persona), since)
    if request.GET.get("format") == "csv":
        return as_file(sheets.write(COLUMNS, map(_row, documents)), "cited-documents.csv")
    rows = list(documents)
    cited, never = [one for one in rows if one.times], [one for one in rows if not one.times]
    context = pages.context(model_admin, request, persona, gettext("Cited documents")) | {
        "form": form,
        "cited": cited[:MOST_SHOWN],
        "cited_count": len(cited),
        "most": cited[0].times if cited else 0,
        "never": never,
        "questions": usage.count_questions({document.persona_id for document in rows}, since),
        "query": request.GET.urlencode(),
    }
    return render(request, "admin/knowledge/usage.html", context)


def _documents(model_admin, request, persona):
    """Those that answer questions, of what this person may see."""
    shown = Document.objects.read().filter(
        superseded_by=None, pk__in=model_admin.get_queryset(request).order_by().values("pk")
    )
    shown = shown.select_related("persona").only("title", "created_at", "persona__name")
    return shown.filter(persona=persona) if persona else shown


def _since(period):
    return timezone.now() - timedelta(days=int(period)) if period and period.isdecimal() else None


def _row(document):
    last = document.last_at.date().isoformat() if document.last_at else ""
    return [document.persona.name, document.title, document.times, last, document.created_at.date().isoformat()]
