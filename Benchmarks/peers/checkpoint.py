"""Reads YOLOv5 weights into numpy, without torch: `.pt` checkpoints and safetensors.

Nothing of a pickle is executed: every class or function it names becomes an inert record of its arguments, and only
tensors, ordered dictionaries and sets are rebuilt.
"""

import collections
import json
import mmap
import pickle
import struct
import zipfile
from dataclasses import dataclass

import numpy as np

STORAGE_TYPES = {
    "DoubleStorage": "<f8", "FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8", "IntStorage": "<i4",
    "ShortStorage": "<i2", "CharStorage": "i1", "ByteStorage": "u1", "BoolStorage": "?",
}
SAFETENSORS_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1",
    "BOOL": "?",
}


class CheckpointError(Exception):
    """A file that is not what it should be; the message names the file and what was found."""


@dataclass
class Checkpoint:
    """What the graph is built from."""

    tensors: dict[str, np.ndarray]
    """State-dict names (`model.0.conv.weight`, ...) to arrays as stored."""
    epsilon: float
    """The epsilon of the batch normalisations."""
    strides: tuple[int, ...]
    """Pixels per cell of each detection level."""
    layers: tuple[str, ...] | None
    """The class of each layer, where the file records it."""


class Inert:
    """What stands in for an object of the checkpoint: its class name, arguments and attributes."""

    kind = ""

    def __new__(cls, *arguments, **_):
        self = super().__new__(cls)
        self.arguments = arguments
        return self

    def __init__(self, *_, **__):
        pass

    def __setstate__(self, state):
        if isinstance(state, tuple):
            for part in state:
                self.__dict__.update(part or {})
        else:
            self.__dict__.update(state)


def rebuild_tensor(storage, offset, shape, strides, *_):
    """The view of a storage that `torch._utils._rebuild_tensor_v2` describes, with its bounds checked."""
    last = offset + sum((n - 1) * s for n, s in zip(shape, strides)) if 0 not in shape else -1
    if len(shape) != len(strides) or min((offset, *shape, *strides)) < 0 or last >= storage.size:
        raise CheckpointError(
            f"a tensor of shape {shape}, strides {strides} at {offset} leaves its storage of {storage.size}")
    bytes_strides = [s * storage.itemsize for s in strides]
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, bytes_strides, writeable=False)


class InertUnpickler(pickle.Unpickler):
    """An unpickler that can call nothing but the three constructors below."""

    rebuilt = {
        ("torch._utils", "_rebuild_tensor_v2"): rebuild_tensor,
        ("torch._utils", "_rebuild_parameter"): lambda tensor, *_: tensor,
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("__builtin__", "set"): set,
        ("builtins", "set"): set,
    }

    def __init__(self, stream, load_storage):
        super().__init__(stream)
        self.load_storage = load_storage

    def find_class(self, module, name):
        if (module, name) in self.rebuilt:
            return self.rebuilt[module, name]
        return type(name, (Inert,), {"kind": f"{module}.{name}"})

    def persistent_load(self, persistent_id):
        kind, storage_type, key, _, count = persistent_id
        if kind != "storage":
            raise CheckpointError(f"unknown persistent object {kind!r}")
        return self.load_storage(storage_type.kind, key, count)


def collect_state(module, prefix, tensors):
    """PyTorch's `state_dict()` over inert modules."""
    transient = getattr(module, "_non_persistent_buffers_set", set())
    for name, tensor in {**module._parameters, **module._buffers}.items():
        if tensor is not None and name not in transient:
            tensors[prefix + name] = tensor
    for name, child in module._modules.items():
        collect_state(child, f"{prefix}{name}.", tensors)


def read_torch(path):
    """Reads a `.pt` file whose `ema` or `model` is a pickled YOLOv5 model."""
    with zipfile.ZipFile(path) as archive:
        index = next((n for n in archive.namelist() if n.endswith("/data.pkl")), None)
        if index is None:
            raise CheckpointError(f"{path}: no data.pkl inside: not a PyTorch checkpoint")
        folder = index[: -len("data.pkl")]

        def load_storage(kind, key, count):
            dtype = STORAGE_TYPES.get(kind.rpartition(".")[2])
            if dtype is None:
                raise CheckpointError(f"{path}: storage of unknown type {kind}")
            return np.frombuffer(archive.read(f"{folder}data/{key}"), dtype, count)

        with archive.open(index) as stream:
            checkpoint = InertUnpickler(stream, load_storage).load()
    if not isinstance(checkpoint, dict):
        raise CheckpointError(f"{path}: holds a {type(checkpoint).__name__}, not a dictionary with `model`")
    model = checkpoint.get("ema") or checkpoint.get("model")
    if not hasattr(model, "_modules"):
        raise CheckpointError(f"{path}: neither `ema` nor `model` is a pickled model")

    tensors = {}
    collect_state(model, "", tensors)
    layers = list(model._modules["model"]._modules.values())
    epsilons = {m.eps for m in walk(model) if m.kind.endswith(".BatchNorm2d")}
    if len(epsilons) != 1:
        raise CheckpointError(f"{path}: expected one epsilon for all batch normalisations, found {sorted(epsilons)}")
    return Checkpoint(
        tensors=tensors,
        epsilon=epsilons.pop(),
        strides=tuple(int(s) for s in layers[-1].stride),
        layers=tuple(layer.kind.rpartition(".")[2] for layer in layers),
    )


def walk(module):
    yield module
    for child in module._modules.values():
        yield from walk(child)


def read_safetensors_file(path):
    """The tensors and the metadata of a safetensors file."""
    with open(path, "rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    (length,) = struct.unpack_from("<Q", content)
    if length > len(content) - 8:
        raise CheckpointError(f"{path}: a header of {length} bytes in a file of {len(content)}")
    header = json.loads(content[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        raw = content[8 + length + begin : 8 + length + end]
        if entry["dtype"] == "BF16":
            array = (np.frombuffer(raw, "<u2").astype("<u4") << 16).view("<f4")
        elif entry["dtype"] in SAFETENSORS_TYPES:
            array = np.frombuffer(raw, SAFETENSORS_TYPES[entry["dtype"]])
        else:
            raise CheckpointError(f"{path}: {name} has the type {entry['dtype']}, which this script does not read")
        tensors[name] = array.reshape(entry["shape"])
    return tensors, metadata


def read_safetensors(path):
    """Reads a file written by `limn weights convert`, whose metadata keeps the epsilon and the strides."""
    tensors, metadata = read_safetensors_file(path)
    for key in ("epsilon", "strides"):
        if key not in metadata:
            raise CheckpointError(f"{path}: no `{key}` in the metadata (found {sorted(metadata)})")
    return Checkpoint(
        tensors=tensors,
        epsilon=float(json.loads(metadata["epsilon"])),
        strides=tuple(int(s) for s in json.loads(metadata["strides"])),
        layers=None,
    )


def read(path):
    """Reads weights of either kind, told apart by their content."""
    if zipfile.is_zipfile(path):
        return read_torch(path)
    with open(path, "rb") as file:
        if file.read(2) == b"PK":
            raise CheckpointError(f"{path}: a zip archive without its directory: a truncated download")
    return read_safetensors(path)
