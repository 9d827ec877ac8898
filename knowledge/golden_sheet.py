"""Golden questions as a table, out and in again."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from knowledge import sheets
from knowledge.golden import check_document
from knowledge.models import GoldenQuestion
from knowledge.speech import clean_question

COLUMNS = ["question", "document", "answers", "expects_nothing", "earlier"]
YES, NO = {"yes", "true", "1", "x"}, {"", "no", "false", "0"}
MOST_SAID = 20  # problems; whoever mends those will find the others next time


def write(persona):
    """A persona's golden questions as CSV."""
    questions = GoldenQuestion.objects.filter(persona=persona)
    return sheets.write(COLUMNS, [_row(question) for question in questions])


def take_in(persona, data, replace=False):
    """(how many are new, how many were changed, how many were removed) after taking in a CSV's bytes: a question that is
    there already is changed, any other added; with ``replace`` those that the file does not have go.

    Raises sheets.BadSheet, which names every row and column that is wrong; then nothing was changed.
    """
    rows = sheets.read(data, COLUMNS, ["question"])
    if not rows:
        raise sheets.BadSheet(_("There is no question in it, only the line with the columns."))
    known = {_same(question): question for question in GoldenQuestion.objects.filter(persona=persona)}
    given, problems, first = [], [], {}
    for number, cells in rows:
        try:
            question = _question(persona, cells)
            if _same(question) in first:
                raise ValidationError(
                    {"question": _("It stands in row {first} already.").format(first=first[_same(question)])}
                )
            first[_same(question)] = number
            given.append(question)
        except ValidationError as problem:
            problems += _said(number, problem)
    if problems:
        more = [_("And {count} more.").format(count=len(problems) - MOST_SAID)] if len(problems) > MOST_SAID else []
        raise sheets.BadSheet(*problems[:MOST_SAID], *more)
    return _keep(persona, known, given, replace)


def _row(question):
    expects_nothing = "yes" if question.expects_nothing else ""
    return [question.question, question.document, sheets.join(question.answers), expects_nothing, sheets.join(question.earlier)]  # fmt: skip


def _same(question):
    return question.question, tuple(question.earlier)


def _question(persona, cells):
    mark = cells.get("expects_nothing", "").casefold()
    if mark not in YES | NO:
        raise ValidationError({"expects_nothing": _("“{mark}” is neither yes nor no.").format(mark=mark)})
    question = GoldenQuestion(
        persona=persona,
        question=clean_question(cells["question"]),
        document=cells.get("document", ""),
        answers=sheets.split(cells.get("answers", "")),
        earlier=sheets.split(cells.get("earlier", "")),
        expects_nothing=mark in YES,
    )
    question.full_clean(exclude=["persona"])
    try:
        check_document(persona, question.document)
    except ValidationError as problem:
        raise ValidationError({"document": problem.messages}) from problem
    return question


def _said(number, problem):
    for column, messages in problem.message_dict.items():
        place = (
            _("Row {number}").format(number=number)
            if column == "__all__"
            else _("Row {number}, column {column}").format(number=number, column=column)
        )
        yield from (f"{place}: {message}" for message in messages)


def _keep(persona, known, given, replace):
    with transaction.atomic():
        place = GoldenQuestion.objects.filter(persona=persona).aggregate(last=Max("position"))["last"] or 0
        new = changed = removed = 0
        for question in given:
            before = known.get(_same(question))
            if before is None:
                place, new = place + 1, new + 1
                question.position = place
            elif before.key == question.key:
                continue
            else:
                question.pk, question.position, question.active = before.pk, before.position, before.active
                changed += 1
            question.save()
        if replace:
            asked = {_same(question) for question in given}
            gone = [question.pk for same, question in known.items() if same not in asked]
            removed = len(gone)
            GoldenQuestion.objects.filter(pk__in=gone).delete()
    return new, changed, removed
