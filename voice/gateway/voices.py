"""The account's voices."""

from dataclasses import dataclass

from voice.gateway.asking import PAGE, ask, elevenlabs


@dataclass(frozen=True, slots=True)
class Voice:
    """One of the account's voices; ``preview_url`` is a sample to play, or empty."""

    voice_id: str
    name: str
    description: str
    preview_url: str


def voices():
    """The account's voices, by name."""
    rows, token = [], None
    while True:
        page = ask(elevenlabs().voices.search, page_size=PAGE, **({"next_page_token": token} if token else {}))
        rows += page.get("voices") or []
        token = page.get("next_page_token")
        if not page.get("has_more") or not token:
            break
    found = [
        Voice(
            row["voice_id"],
            row.get("name") or row["voice_id"],
            row.get("description") or "",
            row.get("preview_url") or "",
        )
        for row in rows
    ]
    return sorted(found, key=lambda voice: voice.name.casefold())
