"""Whether what was restored works: every file is there, every persona's vectors are found by, and no check complains."""

from django.core.checks import Error, run_checks
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage

from knowledge import retrieval
from knowledge.models import Passage
from personas.models import Persona
from voice.saving import bars, copies, manifest

LONGEST = 200  # characters of a passage that make a question
SHOWN = 5
WITHOUT_KEY = (
    "SECRET_KEY is not the one the backup was made under. Put that one into .env if you have it. Without it everybody must sign in "
    "again, browsers and phones are new visitors who do not see their earlier conversations, and the secret of ElevenLabs' webhook, "
    "which is encrypted with it, is lost: `manage.py sync_agents` makes a new one, and until then no report is taken."
)


def prove(found):
    """Sentences of what is wrong, none when all is well. ``found`` is the backup's Manifest."""
    wrong = [_files(found), *_searches(), *_checks()]
    if not manifest.fits_key(found):
        wrong.append(WITHOUT_KEY)
    return [sentence for sentence in wrong if sentence]


def _files(found):
    gone = [name for part in found.files if not _is_there(name := copies.name_of(part), part.bytes)]
    gone += [name for name in found.missing if not _has(name)]
    if not gone:
        return ""
    return (
        f"{len(gone)} files that rows name are not in the storage: {', '.join(gone[:SHOWN])}. Upload those documents again; their "
        "passages answer meanwhile."
    )


def _is_there(name, size):
    return _has(name) and default_storage.size(name) == size


def _has(name):
    """A row may name what no storage has: that was not saved, and is not there now."""
    try:
        return default_storage.exists(name)
    except SuspiciousFileOperation:
        return False


def _searches():
    """One passage of each persona is asked for in its own words."""
    personas = list(Persona.objects.filter(documents__isnull=False).distinct())
    with bars.count(len(personas), "asking", "persona") as bar:
        for persona in personas:
            passage = Passage.objects.known_to(persona).order_by("pk").first()
            if passage:
                yield _search(persona, passage)
            bar.update()


def _search(persona, passage):
    search = retrieval.search(persona, passage.text[:LONGEST])
    if passage.pk not in [match.passage_id for match in search.matches]:
        return f"{persona.slug}: a passage is not found by its own words. Say `manage.py embed_passages --persona {persona.slug}`."
    if search.degraded:
        return f"{persona.slug}: answers are found by words alone. {search.problem}"
    return ""


def _checks():
    return [f"{one.msg} {one.hint or ''}".strip() for one in run_checks() if one.level >= Error("").level]
