"""What is told of one address."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """`takes` are the names of query parameters, or of a body's fields, with remarks in brackets; `refuses` are status, word and
    cause; `body` and `query` are an example; `sdk` is the method of the official Python SDK that asks here."""

    does: str
    sdk: str = ""
    takes: str = ""
    refuses: tuple[str, ...] = ()
    body: dict | None = None
    query: str = ""
    answers: int = 200

    @property
    def names(self) -> list[str]:
        """The names in `takes`."""
        bare, depth = "", 0
        for letter in self.takes:
            depth += (letter == "(") - (letter == ")")
            bare += letter if depth == 0 and letter != ")" else ""
        return [name.strip() for name in bare.split(",") if name.strip()]


def missing(kind: str) -> str:
    """The refusal of an id nobody knows."""
    return f"404 document_not_found: no such {kind}"


PAGED = "page_size (1 to 100, 30 unless given), cursor"
BAD_PAGE = "422: a page_size out of range, a cursor that is none"
