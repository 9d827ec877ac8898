"""What must be there before questions are answered well: said at start, never fatal."""

import os

from django.conf import settings
from django.core.checks import Warning as Problem
from django.core.checks import register

from knowledge import embeddings


@register()
def check_embedding_model(**_):
    """Without the model answers are found by words alone. An endpoint is not asked at start."""
    status = embeddings.status()
    if status.ready:
        return []
    return [Problem(status.problem, hint="python manage.py build_embedding_model", id="knowledge.W001")]


@register()
def check_data_folder(**_):
    """Indexes are shared between processes through a folder."""
    folder = settings.DATA_DIR
    if folder.is_dir() and os.access(folder, os.W_OK):
        return []
    return [Problem(f"The data folder {folder} cannot be written to: every process builds its own indexes in memory.",
                    hint="Create it, or set DATA_DIR.", id="knowledge.W002")]  # fmt: skip


@register()
def check_language_model(**_):
    """Half a setting is a mistake: say so instead of quietly answering without the model."""
    given = [name for name in ("LLM_BASE_URL", "LLM_API_KEY", "LLM_MODEL") if getattr(settings, name)]
    if len(given) in (0, 3):
        return []
    missing = sorted({"LLM_BASE_URL", "LLM_API_KEY", "LLM_MODEL"} - set(given))
    return [Problem(f"A language model needs {' and '.join(missing)} too; typed answers are extractive until then.", id="knowledge.W003")]  # fmt: skip


@register()
def check_embedding_endpoint(**_):
    """Half a setting would quietly leave everything to the model that runs here."""
    given = [name for name in ("EMBEDDING_BASE_URL", "EMBEDDING_API_KEY", "EMBEDDING_MODEL") if getattr(settings, name)]
    if not given:
        return []
    missing = [name for name in ("EMBEDDING_BASE_URL", "EMBEDDING_MODEL") if name not in given]
    if missing:
        return [Problem(f"An embeddings endpoint needs {' and '.join(missing)} too; the model that runs here is used until then.", id="knowledge.W004")]  # fmt: skip
    if not embeddings.is_address(settings.EMBEDDING_BASE_URL):
        return [Problem("EMBEDDING_BASE_URL is not an address; the model that runs here is used until then.",
                        hint="It begins with http:// or https:// and mostly ends in /v1.", id="knowledge.W005")]  # fmt: skip
    return []
