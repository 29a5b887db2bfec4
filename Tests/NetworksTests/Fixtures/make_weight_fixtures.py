"""Writes the weight files that the tests of WeightFiles read.

Needs torch (1.13 was used), numpy and safetensors. Run it in this folder: python3 make_weight_fixtures.py

Each `*.pt` with a module or state dict has the same tensors as `expected.safetensors`, which the reference
implementation of safetensors wrote from what torch's own state_dict() gave.
"""

import os
import pathlib
import sys
import types

import numpy
import torch
from safetensors.torch import save_file
from torch import nn

torch.manual_seed(0)

# Classes are pickled by name; these stand where those of the YOLOv5 repository would be.
common = types.ModuleType("models.common")
yolo = types.ModuleType("models.yolo")
sys.modules.update({"models": types.ModuleType("models"), "models.common": common, "models.yolo": yolo})


def importable(module):
    def place(cls):
        cls.__module__ = module.__name__
        cls.__qualname__ = cls.__name__
        setattr(module, cls.__name__, cls)
        return cls

    return place


@importable(common)
class Conv(nn.Module):
    def __init__(self, inputs, outputs, kernel):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride=2, padding=kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-3)
        self.act = nn.SiLU()


@importable(yolo)
class Detect(nn.Module):
    def __init__(self):
        super().__init__()
        self.nc = 2
        self.stride = torch.tensor([8.0, 16.0])
        self.f = [17, -1]
        self.register_buffer("anchors", torch.arange(12.0).view(2, 3, 2).double())
        self.register_buffer("grid", torch.zeros(5), persistent=False)
        self.register_buffer("absent", None)
        self.m = nn.ModuleList([nn.Conv2d(4, 3, 1).to(torch.bfloat16)])
        # A view with gaps, a view from the middle, an empty tensor and a scalar.
        self.register_buffer("strided", torch.arange(24, dtype=torch.float32).view(4, 6)[1:, ::2])
        self.register_buffer("transposed", torch.arange(6, dtype=torch.float16).view(2, 3).t())
        self.register_buffer("empty", torch.zeros(0, 3))
        self.register_buffer("scalar", torch.tensor(-2.5))
        self.register_buffer("mask", torch.tensor([True, False]))


@importable(yolo)
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(Conv(3, 4, 3), Conv(4, 4, 1), Detect())
        self.model[0].half()
        self.model[0].conv.weight.data = self.model[0].conv.weight.data.to(memory_format=torch.channels_last)
        self.names = {0: "rouge", 1: "板栗"}
        self.save = [4, 6]
        self.shared = self.model[1]
        self.owner = [self]
        self.dropped = None
        self.yaml = {"nc": 2, "anchors": [[10, 13], [30, 61]], "width_multiple": 0.25, "serial": 1 << 100}


class Payload:
    """Pickles as a call of `function(*arguments)`."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


model = Model().eval()
state = model.state_dict()
checkpoint = {
    "epoch": -1,
    "best_fitness": numpy.float64(0.5),
    "model": model,
    "ema": None,
    "optimizer": None,
    "opt": {"weights": pathlib.PurePosixPath("runs/best.pt"), "size": torch.Size([1, 2]), "labels": {"a"}},
    "device": torch.device("cpu"),
}
loop = []
loop.append(loop)

save_file({name: tensor.contiguous().clone() for name, tensor in state.items()}, "expected.safetensors", {"by": "torch"})
for protocol in (2, 4):
    torch.save(checkpoint, f"module-protocol{protocol}.pt", pickle_protocol=protocol)
torch.save(model, "module-alone.pt")
torch.save({**checkpoint, "ema": model, "model": nn.Linear(1, 1)}, "module-ema.pt")
torch.save(state, "state.pt")
torch.save({"state_dict": state, "epoch": 3}, "state-nested.pt")
torch.save({"model": dict(state), "loop": loop}, "state-in-model.pt")
torch.save({"loss": 0.1, "history": [1, 2]}, "no-tensors.pt")
torch.save({"weight": torch.zeros(2)}, "legacy.pt", _use_new_zipfile_serialization=False)
torch.save({"weight": torch.zeros(2)}, "tiny.pt")
torch.jit.script(nn.Linear(1, 1)).save("script.pt")
for name, payload in {
    "system": Payload(os.system, "touch executed"),
    "eval": Payload(eval, "open('executed', 'w')"),
    "getattr": Payload(getattr, "text", "upper"),
}.items():
    torch.save({"weight": torch.zeros(2), "trap": payload}, f"hostile-{name}.pt")
