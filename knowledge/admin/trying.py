"""A question tried: what is said, from which sentences, which passages were found, why, and how long each step took."""

from dataclasses import dataclass

from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge import answering, retrieval, shelf
from knowledge.admin import pages
from knowledge.forms import QuestionForm

STAGES = {
    "embed": _("Reading its meaning"),
    "search": _("Searching"),
    "judge": _("Weighing the evidence"),
    "compose": _("Choosing sentences"),
    "recall": _("Asking the cache"),
}
SENTENCES = 8


@dataclass(frozen=True, slots=True)
class Weighed:
    """A sentence that was weighed, and whether it is said."""

    text: str
    title: str
    score: float
    is_said: bool


def show(model_admin, request, persona, panels=lambda persona, question, trial: []):
    """The page. ``panels`` gives what other rooms add beside the answer: [{template, …}, …]."""
    form = QuestionForm(request.GET or None)
    context = pages.context(model_admin, request, persona, gettext("Try a question")) | {"form": form}
    if form.is_valid():
        asked = answering.clean(form.cleaned_data["question"])
        sought = answering.resolve(persona.languages, asked, form.cleaned_data["earlier"])
        context |= {"sought": sought if sought != asked else "", **_try(persona, sought, panels)}
    return render(request, "admin/knowledge/try_question.html", context)


def _try(persona, question, panels):
    try:
        trial = answering.look_up(persona, question)
    except shelf.NotInTime:
        return {"problem": gettext("The index is still being built. Try again in a moment.")}
    meant = trial.search.heard.text
    return {
        "trial": trial,
        "meant": meant if trial.search.heard.guesses else "",
        "found": [(match, *retrieval.explain(trial.search, match, meant)) for match in trial.search.matches],
        "weighed": _weigh(trial),
        "stages": [(STAGES.get(name, name), time) for name, time in trial.answer.milliseconds.items()],
        "total": sum(trial.answer.milliseconds.values()),
        "panels": panels(persona, question, trial),
    }


def _weigh(trial):
    """The best sentences with what became of them."""
    cited = [(citation.document_id, citation.start, citation.end) for citation in trial.answer.citations]
    best = sorted(trial.evidence.sentences, key=lambda sentence: -sentence.score)[:SENTENCES]
    return [_weighed(trial.search.matches[sentence.rank], sentence, cited) for sentence in best]


def _weighed(match, sentence, cited):
    start, end = match.record.start + sentence.start, match.record.start + sentence.end
    said = any(match.document_id == document and first <= start and end <= last for document, first, last in cited)
    return Weighed(match.record.text[sentence.start : sentence.end], match.title, sentence.score, said)
