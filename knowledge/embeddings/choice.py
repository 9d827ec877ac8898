"""Which engine is asked: the one that the settings name, or the one that made the vectors at hand."""

import threading
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext

from knowledge.embeddings.endpoint import Endpoint, host
from knowledge.embeddings.engines import EmbeddingFailed
from knowledge.embeddings.local import ENGINE as LOCAL
from knowledge.embeddings.local import Local

_local = Local()
_endpoints = {}  # what it was made of → Endpoint
_lock = threading.Lock()


def is_endpoint():
    """Whether the settings name an endpoint. A server of one's own may need no key."""
    return bool(settings.EMBEDDING_MODEL and is_address(settings.EMBEDDING_BASE_URL))


def is_address(text):
    """Whether a text is an address that can be asked."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def configured():
    """The engine that the settings name: the local one, unless they name an endpoint."""
    if not is_endpoint():
        return _local
    return _endpoint(settings.EMBEDDING_MODEL, settings.EMBEDDING_DIMENSIONS)


def find(engine_id):
    """The engine of that id. Raises EmbeddingFailed when it cannot be asked any more: an endpoint whose address is no
    longer set, or a model of another release."""
    if engine_id == LOCAL:
        return _local
    engine = configured()
    if engine.id == engine_id:
        return engine
    address, _, model = engine_id.partition("/")
    if is_address(settings.EMBEDDING_BASE_URL) and address == host(settings.EMBEDDING_BASE_URL):
        model, _, dimensions = model.partition("#")
        return _endpoint(model, int(dimensions) if dimensions.isdecimal() else 0)
    raise EmbeddingFailed(
        gettext("The engine that made the vectors, {engine_id}, is not set up here any more.").format(
            engine_id=engine_id
        )
    )


def status():
    """The Status of the engine that the settings name."""
    return configured().status()


def forget_endpoints():
    """Begin anew with every endpoint, as at the start of a process."""
    with _lock:
        _endpoints.clear()


def _endpoint(model, dimensions):
    made_of = (
        settings.EMBEDDING_BASE_URL,
        settings.EMBEDDING_API_KEY,
        model,
        dimensions,
        tuple(settings.EMBEDDING_LANGUAGES),
    )
    with _lock:
        if made_of not in _endpoints:
            _endpoints[made_of] = Endpoint(*made_of)
        return _endpoints[made_of]
