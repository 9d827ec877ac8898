"""Text to vectors, by the engine of this host or by one behind an address.

Where an engine is missing or fails, everybody else goes on with words alone: they catch EmbeddingFailed and say so.
"""

from knowledge.embeddings.choice import LOCAL, configured, find, forget_endpoints, is_address, is_endpoint, status
from knowledge.embeddings.engines import EmbeddingFailed, Engine, Status
from knowledge.embeddings.local import directory, forget_model, is_word
from knowledge.embeddings.yardstick import find_scale

__all__ = [
    "LOCAL",
    "EmbeddingFailed",
    "Engine",
    "Status",
    "configured",
    "directory",
    "find",
    "find_scale",
    "forget_endpoints",
    "forget_model",
    "is_address",
    "is_endpoint",
    "is_word",
    "status",
]
