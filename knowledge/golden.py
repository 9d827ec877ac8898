"""Golden questions: asked after every change of a persona's knowledge and before it is published.

What counts as worse: a question that passed in the last accepted run and fails now. One is enough, whatever else came to
pass meanwhile, because each stands for somebody who had an answer and has none any more. Questions that are new, or
whose expectation was changed, have nothing to be compared with and make no run worse. A run that is not worse is
accepted by itself; a worse one when a person says why it may be. Such an exception lets go of what it names and demands
nothing new: what came to pass in it by chance, for want of a document perhaps, may fail again.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from knowledge import evaluation
from knowledge.models import Document, GoldenQuestion, GoldenRun, Library

AT_ONCE = 100  # questions, 10 to 20 ms each, that somebody can wait for
MOST_RUNS = 200  # kept per persona


class NotNow(Exception):
    """This run cannot be accepted; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of the questions of an earlier run: outcomes of the later one."""

    worse: list
    better: list
    new: list


@dataclass(frozen=True, slots=True)
class Standing:
    """How a persona's golden questions stand."""

    count: int  # active questions
    run: GoldenRun | None  # the newest
    is_current: bool  # of the knowledge and the questions as they are now

    @property
    def is_open(self):
        """Whether nothing here keeps the persona from being published."""
        return not self.count or (self.is_current and self.run.is_accepted)


def standing(persona):
    """The Standing of a persona. Two short reads, none of them of an outcome."""
    questions = list(_active(persona))
    newest = GoldenRun.objects.defer("outcomes").newest(persona)
    current = newest is not None and (newest.version, newest.question_set) == (_version(persona), _name(questions))
    return Standing(len(questions), newest, current)


def run(persona, cause, by=None):
    """Ask all active questions now; the GoldenRun, accepted when it is no worse than the last accepted one. None when
    there is nothing to ask."""
    questions, version, started = list(_active(persona)), _version(persona), timezone.now()
    if not questions:
        return None
    titles = _titles(persona)
    found = [evaluation.ask(persona, _as_asked(question), titles) for question in questions]
    outcomes = [_kept(*pair, titles) for pair in zip(questions, found, strict=True)]
    made = GoldenRun(
        persona=persona, version=version, question_set=_name(questions), cause=cause, by=by, started_at=started,
        asked=len(outcomes), passed=sum(one["passed"] for one in outcomes), outcomes=outcomes,
        figures=evaluation.summarise([evaluation.Run(found)]) | {"degraded": any(one.answer.degraded for one in found)},
    )  # fmt: skip
    made.finished_at = timezone.now()
    if not compare(made, last_accepted(persona)).worse:
        made.accepted_at = made.finished_at
        for one in outcomes:
            one["held"] = one["passed"]
    made.save()
    _forget_oldest(persona)
    return made


def accept(made, by, reason):
    """Let a worse run count as good, for a reason. Raises NotNow."""
    if not reason.strip():
        raise NotNow("Say why it may be worse: whoever looks at this later will want to know.")
    if GoldenRun.objects.newest(made.persona) != made:
        raise NotNow("There is a newer run. Look at that one.")
    before = last_accepted(made.persona, made)
    held = {one["key"]: one["held"] for one in before.outcomes} if before else {}
    outcomes = [one | {"held": one["passed"] and held.get(one["key"], True)} for one in made.outcomes]
    rows = GoldenRun.objects.filter(pk=made.pk, accepted_at=None)
    if not rows.update(accepted_at=timezone.now(), accepted_by=by, reason=reason.strip()[:500], outcomes=outcomes):
        raise NotNow("This run was accepted already.")
    made.refresh_from_db()


def last_accepted(persona, before=None):
    """The accepted run that a run is measured against: the last one, or the last before a given one. None without."""
    accepted = GoldenRun.objects.accepted().filter(persona=persona)
    if before is not None:
        accepted = accepted.filter(started_at__lt=before.started_at)
    return accepted.order_by("-started_at", "-pk").first()


def compare(made, before):
    """The Changes from an earlier run (None: everything is new) to this one."""
    known = {one["key"]: one for one in before.outcomes} if before else {}
    changes = Changes([], [], [])
    for one in made.outcomes:
        then = known.get(one["key"])
        if then is None:
            changes.new.append(one)
        elif then["held"] and not one["passed"]:
            changes.worse.append(one)
        elif one["passed"] and not then["passed"]:
            changes.better.append(one)
    return changes


def say_worse(made):
    """One sentence for staff about a run that is not accepted."""
    count = len(compare(made, last_accepted(made.persona, made)).worse)
    which = ngettext("a golden question fails", "{count} golden questions fail", count).format(count=count)
    return _(
        "It cannot be published yet: {which} that passed in the last accepted run. Put the documents right, or accept "
        "the run with a reason."
    ).format(which=which)


def find_due(settled):
    """Ids of the personas whose knowledge moved since their questions were asked, and not after the moment given."""
    asked = GoldenRun.objects.filter(persona=OuterRef("pk"), version=OuterRef("version"))
    wanted = GoldenQuestion.objects.filter(persona=OuterRef("pk"), active=True)
    moved = Library.objects.filter(Exists(wanted), ~Exists(asked), changed_at__lt=settled)
    return [pk for pk in moved.values_list("pk", flat=True) if not is_changing(pk)]


def is_due(persona, version):
    """Whether the questions were not asked yet of this version of the knowledge."""
    return not GoldenRun.objects.filter(persona=persona, version=version).exists()


def is_changing(persona_id):
    """Whether more of the persona's documents are on their way: the last of them will be the change that counts."""
    on_their_way = [Document.Status.WAITING, Document.Status.READING]
    return Document.objects.filter(persona=persona_id, status__in=on_their_way).exists()


def follow(persona_id, before, after):
    """A document has another title: the questions that expect it expect it under the new one, unless another document
    still has the old one."""
    if Document.objects.filter(persona=persona_id, title=before).exists():
        return
    keys = {}
    for question in GoldenQuestion.objects.filter(persona=persona_id, document=before):
        known, question.document = question.key, after
        question.save(update_fields=["document"])
        keys[known] = question.key
    accepted = last_accepted(persona_id) if keys else None
    if accepted is not None:  # they are the same questions, still measured against it
        for one in accepted.outcomes:
            one["key"] = keys.get(one["key"], one["key"])
        accepted.save(update_fields=["outcomes"])


def check_document(persona, title):
    """Raise ValidationError when the persona has no such document."""
    if title and not persona.documents.filter(title=title).exists():
        raise ValidationError(_("There is no document titled “{title}”.").format(title=title))


def _active(persona):
    return GoldenQuestion.objects.filter(persona=persona, active=True)


def _version(persona):
    return Library.objects.read_version(persona.pk)


def _name(questions):
    """Names a set of questions, whatever their order."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, repr(sorted(question.key for question in questions))))


def _titles(persona):
    titles = defaultdict(set)
    for pk, title in Document.objects.read().filter(persona=persona).values_list("pk", "title"):
        titles[title].add(str(pk))
    return titles


def _as_asked(question):
    return {
        "question": question.question,
        "earlier": question.earlier,
        "document": question.document or None,
        "answers": question.answers,
        "expects_nothing": question.expects_nothing,
    }


def _kept(question, outcome, titles):
    """One question's outcome as a run keeps it, with the sentence that says why it failed."""
    why = _why_not(question, outcome, titles)
    return _as_asked(question) | {
        "key": question.key,
        "passed": not why,
        "why": why,
        "found": outcome.answer.found,
        "rank": outcome.rank,
        "content": outcome.answer.content,
        "cited": list(dict.fromkeys(citation.document for citation in outcome.answer.citations)),
    }


def _why_not(question, outcome, titles):
    said = outcome.answer
    if question.expects_nothing:
        return "" if not said.found else _("It was answered, and no answer was expected.")
    if question.document and question.document not in titles:
        return _("There is no document titled “{document}” that is ready.").format(document=question.document)
    if not said.found:
        return _("No answer. {reason}").format(reason=said.reason).strip()
    if question.document and not any(citation.document == question.document for citation in said.citations):
        place = _(", although it was found in place {rank}").format(rank=outcome.rank) if outcome.rank else ""
        return _("“{document}” is not cited{place}.").format(document=question.document, place=place)
    if question.answers and not outcome.said:
        return _("None of the expected words stands in the answer.")
    return ""


def _forget_oldest(persona):
    """Runs beyond the last two hundred go, except what the next one is measured against."""
    old = GoldenRun.objects.filter(persona=persona).order_by("-started_at", "-pk").values_list("pk", flat=True)
    kept = last_accepted(persona)
    GoldenRun.objects.filter(pk__in=list(old[MOST_RUNS:])).exclude(pk=kept.pk if kept else None).delete()
