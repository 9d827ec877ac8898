"""The passages of one document: searched, and with the questions that cited them."""

from dataclasses import dataclass, field

from django.core.paginator import Paginator
from django.utils.translation import gettext as _

from knowledge import answering, retrieval, shelf, usage
from knowledge.models import Flag

ON_A_PAGE = 50
PLACES = 10  # found by a search
SEARCHED = 1000  # best passages of the persona among which those of the document are looked for
FAINT = 0.3  # of the best place's score, below which a place is no answer to the search
QUESTIONS = 5  # shown of each passage
CITATIONS = 5000  # looked at, the newest


@dataclass(slots=True)
class Row:
    """A passage and who cited it, the newest first."""

    passage: object
    cited: list = field(default_factory=list)

    @property
    def newest(self):
        return self.cited[:QUESTIONS]

    @property
    def more(self):
        return max(0, len(self.cited) - QUESTIONS)


def context(document, asked):
    """What the document's page shows below its fields; ``asked`` is the query of its address."""
    page = Paginator(
        document.passages.annotate(withheld=Flag.objects.over_passage()).order_by("position"), ON_A_PAGE
    ).get_page(asked.get("passages"))
    question = answering.clean(asked.get("inside", "")[:1000])
    return {
        "passages": page,
        "rows": _with_citations(document, list(page)),
        "cited": document.cited.count(),
        "inside": question,
        **(_search(document, question) if question else {}),
    }


def _with_citations(document, passages):
    """[Row, …]: a citation belongs to each passage that it overlaps."""
    rows = [Row(passage) for passage in passages]
    if rows:
        places = usage.cited_in(document).filter(start__lt=passages[-1].end, end__gt=passages[0].start)
        for one in places[:CITATIONS]:
            for row in rows:
                if one.start < row.passage.end and row.passage.start < one.end:
                    row.cited.append(one)
    return rows


def _search(document, question):
    """The places of this document that fit a question best, found the ordinary way."""
    try:
        found = retrieval.search(document.persona, question, limit=SEARCHED)
    except shelf.NotInTime:
        return {"problem": _("The index is still being built. Try again in a moment.")}
    here = [match for match in found.matches if match.document_id == str(document.pk)]
    here = [match for match in here if match.score > FAINT * here[0].score][:PLACES]
    positions = dict(document.passages.values_list("pk", "position"))
    places = [
        (match, *retrieval.explain(found, match, found.heard.text), *_address(positions.get(match.passage_id)))
        for match in here
    ]
    return {"places": places, "problem": found.problem}


def _address(position):
    """(number, part of the list) of a passage; a passage replaced since the index was built has none."""
    return (None, None) if position is None else (position + 1, position // ON_A_PAGE + 1)
