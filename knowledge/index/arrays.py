"""Named arrays in one file, memory-mapped: a line of JSON about what stands where, then the arrays as they are."""

import json

import numpy as np

MAGIC = b"CAINDEX12"  # moves with every change of what the arrays mean
ALIGNMENT = 64


class BrokenIndex(Exception):
    """The file is not one of ours, or not whole: build it again."""


def write(arrays, file):
    """Put {name: array} into an open binary file."""
    entries, offset = {}, 0
    for name, array in arrays.items():
        entries[name] = [array.dtype.str, list(array.shape), offset]
        offset += _padded(array.nbytes)
    header = json.dumps({"arrays": entries, "size": offset}).encode()
    head = MAGIC + len(header).to_bytes(8, "little") + header
    file.write(head.ljust(_padded(len(head)), b"\0"))
    for array in arrays.values():
        file.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        file.write(bytes(_padded(array.nbytes) - array.nbytes))


def read(path):
    """The arrays in a file as {name: array}, memory-mapped. Raises BrokenIndex or OSError."""
    if path.stat().st_size < len(MAGIC) + 8:
        raise BrokenIndex(f"{path.name} is too short.")
    return open_(np.memmap(path, np.uint8, "r"), path.name)


def open_(whole, name):
    """The arrays in the bytes of a file, given as uint8. Raises BrokenIndex."""
    try:
        return _open(whole)
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as problem:
        raise BrokenIndex(f"{name}: {problem}") from problem


def _open(whole):
    if whole[: len(MAGIC)].tobytes() != MAGIC:
        raise ValueError("not an index of this release")
    length = int.from_bytes(whole[len(MAGIC) : len(MAGIC) + 8].tobytes(), "little")
    head = len(MAGIC) + 8 + length
    header = json.loads(whole[len(MAGIC) + 8 : head].tobytes())
    body = whole[_padded(head) :].view(np.ndarray)
    if len(body) != header["size"]:
        raise ValueError("cut short")
    arrays = {}
    for name, (kind, shape, offset) in header["arrays"].items():
        count = int(np.prod(shape)) * np.dtype(kind).itemsize
        arrays[name] = body[offset : offset + count].view(kind).reshape(shape)
    return arrays


def _padded(count):
    return -(-count // ALIGNMENT) * ALIGNMENT
