"""Writes and reads the weight files that Limn ships: safetensors in half precision, as `limn weights convert` lays
them out, with what a network needs to know in the metadata."""

import json
import pathlib
import struct

import numpy as np
import torch

KINDS = {"F16": np.float16, "F32": np.float32}


def write(path, state, metadata):
    """Writes the floating-point tensors of a state dict; counts of training steps are left out."""
    header, parts, offset = {"__metadata__": metadata}, [], 0
    for name, tensor in state.items():
        if not tensor.dtype.is_floating_point:
            continue
        array = np.ascontiguousarray(tensor.half().numpy(), "<f2")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} does not fit half precision")
        header[name] = {"dtype": "F16", "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
        parts.append(array.tobytes())
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path = pathlib.Path(path)
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
    beside.replace(path)


def read(path):
    """The tensors as float32, and the metadata."""
    data = pathlib.Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    state = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        array = np.frombuffer(data[8 + length + first : 8 + length + last], KINDS[entry["dtype"]])
        state[name] = torch.from_numpy(array.reshape(entry["shape"]).astype(np.float32))
    return state, metadata
