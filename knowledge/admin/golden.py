"""A persona's golden questions: how they stand, how they stood, and the table in and out."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from knowledge import golden, golden_sheet, sheets, tasks
from knowledge.admin import pages, plots
from knowledge.forms import AcceptForm, SheetForm
from knowledge.models import GoldenQuestion, GoldenRun
from personas.admin import badge

RUNS_SHOWN = 60


def overview(model_admin, request, persona):
    """How the questions stand now, how they stood before, and each of them."""
    found = golden.standing(persona)
    newest = GoldenRun.objects.newest(persona)
    shown = list(GoldenRun.objects.filter(persona=persona).defer("outcomes").select_related("by", "accepted_by")[:RUNS_SHOWN])  # fmt: skip
    context = pages.context(model_admin, request, persona, _("Golden questions")) | {
        "standing": found,
        "questions": _with_outcomes(persona, newest),
        "changes": _changes(newest),
        "runs": shown,
        "plot": plots.draw(shown),
        "form": AcceptForm(),
    }
    return render(request, "admin/knowledge/golden.html", context)


def show_run(model_admin, request, persona, run_id):
    """One run: every question, what came back, and what changed since the accepted run before."""
    made = get_object_or_404(GoldenRun.objects.select_related("by", "accepted_by"), pk=run_id, persona=persona)
    context = pages.context(model_admin, request, persona, _("Golden run")) | {
        "run": made,
        "changes": _changes(made),
        "is_newest": GoldenRun.objects.newest(persona) == made,
        "form": AcceptForm(),
    }
    return render(request, "admin/knowledge/golden_run.html", context)


def run_now(model_admin, request, persona):
    """Ask them now; very many of them by a worker."""
    found = golden.standing(persona)
    if not found.count:
        messages.warning(request, _("There is no active question to ask. Add one first."))
    elif found.count > golden.AT_ONCE:
        tasks.start_running(persona.pk, GoldenRun.Cause.DEMAND, request.user)
        messages.info(request, f"{found.count} questions are being asked. Reload this page in a minute.")
    else:
        made = golden.run(persona, GoldenRun.Cause.DEMAND, request.user)
        messages.success(request, _("Asked. {passed} of {asked} pass.").format(passed=made.passed, asked=made.asked))
    return redirect("admin:knowledge_golden", persona.pk)


def accept(model_admin, request, persona, run_id):
    """A person takes it upon themselves that a run is worse."""
    made = get_object_or_404(GoldenRun, pk=run_id, persona=persona)
    form = AcceptForm(request.POST)
    try:
        golden.accept(made, request.user, form.cleaned_data["reason"] if form.is_valid() else "")
    except golden.NotNow as refusal:
        messages.error(request, str(refusal))
    else:
        model_admin.log_change(
            request, persona, _("Accepted a golden run that was worse: {reason}").format(reason=made.reason)
        )
        messages.success(request, _("Accepted. Later runs are measured against this one."))
    return redirect("admin:knowledge_golden", persona.pk)


def export(model_admin, request, persona):
    """The questions as a CSV file."""
    return as_file(golden_sheet.write(persona), f"golden-questions-{persona.slug}.csv")


def take_in(model_admin, request, persona):
    """Questions from a CSV file: all of them, or none and what is wrong with it."""
    form = SheetForm(request.POST or None, request.FILES or None)
    if not request.user.has_perm("knowledge.delete_goldenquestion"):
        del form.fields["replace"]
    if request.method == "POST" and form.is_valid():
        try:
            counts = golden_sheet.take_in(
                persona, form.cleaned_data["file"].read(sheets.MOST_BYTES + 1), form.cleaned_data.get("replace")
            )
        except sheets.BadSheet as refusal:
            for problem in refusal.problems:
                form.add_error("file", problem)
        else:
            new, changed, removed = counts
            said = _("{new} new, {changed} changed, {removed} removed").format(
                new=new, changed=changed, removed=removed
            )
            model_admin.log_change(request, persona, _("Imported golden questions: {said}.").format(said=said))
            messages.success(request, _("Imported: {said}. Run them to see how they stand.").format(said=said))
            return redirect("admin:knowledge_golden", persona.pk)
    context = pages.context(model_admin, request, persona, _("Import golden questions"))
    return render(request, "admin/knowledge/golden_import.html", context | {"form": form})


def as_file(text, name):
    """A CSV as a download."""
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def newest_result():
    """Of each persona in a list, the newest run in a few numbers."""
    newest = GoldenRun.objects.filter(persona=OuterRef("pk"))
    return Subquery(newest.values(found=JSONObject(passed="passed", asked="asked", accepted="accepted_at"))[:1])


def result_badge(persona):
    """The newest run in a word or two, with the way to it."""
    if not persona.golden:
        return "–"
    passed, asked = persona.golden["passed"], persona.golden["asked"]
    kind = "bad" if persona.golden["accepted"] is None else "good" if passed == asked else "busy"
    text = _("{passed} of {asked}").format(passed=passed, asked=asked) + (" · worse" if kind == "bad" else "")
    return format_html('<a href="{}">{}</a>', reverse("admin:knowledge_golden", args=[persona.pk]), badge(kind, text))


def _changes(made):
    return golden.compare(made, golden.last_accepted(made.persona, made)) if made else None


def _with_outcomes(persona, newest):
    """[(question, its outcome in the newest run or None, the query with which it is tried), …]"""
    known = {one["key"]: one for one in newest.outcomes} if newest else {}
    questions = GoldenQuestion.objects.filter(persona=persona)
    return [(question, known.get(question.key), _query(question)) for question in questions]


def _query(question):
    return urlencode({"question": question.question, "earlier": "\n".join(question.earlier)})


SEE = ["knowledge.view_goldenquestion"]
GIVE = ["knowledge.add_goldenquestion", "knowledge.change_goldenquestion"]
PAGES = [
    ("golden/", "golden", overview, ["GET"], SEE),
    ("golden/run/", "golden_run_now", run_now, ["POST"], ["knowledge.add_goldenrun"]),
    ("golden/runs/<int:run_id>/", "golden_run", show_run, ["GET"], SEE),
    ("golden/runs/<int:run_id>/accept/", "golden_accept", accept, ["POST"], ["knowledge.change_goldenrun"]),
    ("golden/export/", "golden_export", export, ["GET"], SEE),
    ("golden/import/", "golden_import", take_in, ["GET", "POST"], GIVE),
]
