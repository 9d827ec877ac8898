import numpy as np
import pytest

from knowledge import embeddings, graph
from knowledge.embeddings import local
from knowledge.management.commands.build_embedding_model import find_weights

TEXT = "The swing bridge opens for boats at six in the morning."


def normalise(weights, prefix, value):
    centred = value - value.mean(-1, keepdims=True)
    length = np.sqrt((centred**2).mean(-1, keepdims=True) + graph.EPSILON)
    return centred / length * weights[prefix + "weight"] + weights[prefix + "bias"]


def dense(weights, prefix, value):
    return value @ weights[prefix + "weight"].T + weights[prefix + "bias"]


def gelu(value):
    """Exact to 1e-7: Abramowitz and Stegun 7.1.26 for the error function."""
    scaled = np.abs(value) / np.sqrt(2)
    t = 1 / (1 + 0.3275911 * scaled)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return value * 0.5 * (1 + np.sign(value) * (1 - series * np.exp(-(scaled**2))))


def attend(weights, prefix, hidden):
    heads = [
        dense(weights, f"{prefix}self.{part}.", hidden).reshape(len(hidden), graph.HEADS, -1).swapaxes(0, 1)
        for part in ("query", "key", "value")
    ]
    scores = heads[0] @ heads[1].swapaxes(1, 2) / np.sqrt(graph.WIDTH / graph.HEADS)
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    context = (scores / scores.sum(-1, keepdims=True) @ heads[2]).swapaxes(0, 1).reshape(len(hidden), -1)
    return normalise(weights, prefix + "output.LayerNorm.", dense(weights, prefix + "output.dense.", context) + hidden)


def reference(weights, ids):
    """The model in plain numpy, float32, as its paper and its configuration describe it."""
    hidden = weights["embeddings.word_embeddings.weight"][ids]
    hidden = hidden + weights["embeddings.position_embeddings.weight"][: len(ids)]
    hidden = hidden + weights["embeddings.token_type_embeddings.weight"][0]
    hidden = normalise(weights, "embeddings.LayerNorm.", hidden)
    for layer in range(graph.LAYERS):
        prefix = f"encoder.layer.{layer}."
        hidden = attend(weights, prefix + "attention.", hidden)
        inner = gelu(dense(weights, prefix + "intermediate.dense.", hidden))
        hidden = normalise(
            weights, prefix + "output.LayerNorm.", dense(weights, prefix + "output.dense.", inner) + hidden
        )
    mean = hidden.mean(0)
    return mean / np.linalg.norm(mean)


def test_the_graph_computes_what_the_weights_say():
    weights = graph.read_weights(find_weights() / "model.safetensors")
    ids = local._load().tokenizer.encode(TEXT).ids
    assert reference(weights, ids) @ embeddings.configured().embed_question(TEXT) > 0.985


def test_weights_that_are_not_the_ones_measured_are_refused(tmp_path):
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"other weights")
    with pytest.raises(graph.WrongWeights, match="SHA-256"):
        graph.read_weights(file)
