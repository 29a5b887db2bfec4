"""The YOLOv5 graph of releases 6.0 to 7.0 (n, s, m, l, x), drawn once for every engine that needs it as a file.

`draw` walks the layers and calls a builder, which has the methods `convolution`, `add`, `concatenate`, `max_pool`,
`upsample` and `detect`; each takes and returns the builder's own handles.
"""

import numpy as np

from checkpoint import CheckpointError

LAYERS = (
    *("Conv", "Conv", "C3", "Conv", "C3", "Conv", "C3", "Conv", "C3", "SPPF"),
    *("Conv", "Upsample", "Concat", "C3", "Conv", "Upsample", "Concat", "C3"),
    *("Conv", "Concat", "C3", "Conv", "Concat", "C3", "Detect"),
)
CONCATENATED_WITH = {12: 6, 16: 4, 19: 14, 22: 10}
DETECTED = (17, 20, 23)
STRIDE_2 = (0, 1, 3, 5, 7, 18, 21)
BACKBONE_END = 9
ANCHORS_A_CELL = 3


def draw(checkpoint, builder, image):
    """Draws the network on `builder` from its input `image` and returns the handle of the output.

    Batch normalisation is folded into the convolutions, in double precision.
    """
    if checkpoint.layers is not None and checkpoint.layers != LAYERS:
        raise CheckpointError(f"not a YOLOv5 of releases 6.0 to 7.0: its layers are {', '.join(checkpoint.layers)}")
    network = Network(checkpoint, builder)
    outputs = []
    x = image
    for index, kind in enumerate(LAYERS):
        if kind == "Conv":
            x = network.conv(f"model.{index}", x, stride=2 if index in STRIDE_2 else 1)
        elif kind == "C3":
            x = network.c3(f"model.{index}", x, shortcut=index <= BACKBONE_END)
        elif kind == "SPPF":
            x = network.sppf(f"model.{index}", x)
        elif kind == "Upsample":
            x = builder.upsample(f"model.{index}", x)
        elif kind == "Concat":
            x = builder.concatenate(f"model.{index}", [x, outputs[CONCATENATED_WITH[index]]])
        else:
            x = network.detect(f"model.{index}", [outputs[i] for i in DETECTED])
        outputs.append(x)
    unused = [n for n in network.unused if not n.endswith(".num_batches_tracked")]
    if unused:
        raise CheckpointError(f"{len(unused)} tensors have no place in YOLOv5: {', '.join(unused[:5])}")
    return x


class Network:
    """The building blocks, each reading its tensors by their state-dict names."""

    def __init__(self, checkpoint, builder):
        self.tensors = checkpoint.tensors
        self.epsilon = checkpoint.epsilon
        self.strides = checkpoint.strides
        self.builder = builder
        self.unused = set(self.tensors)

    def tensor(self, name):
        if name not in self.tensors:
            raise CheckpointError(f"missing tensor {name}")
        self.unused.discard(name)
        return np.asarray(self.tensors[name], np.float64)

    def conv(self, name, x, stride=1):
        weight = self.tensor(f"{name}.conv.weight")
        if f"{name}.bn.weight" in self.tensors:
            scale = self.tensor(f"{name}.bn.weight") / np.sqrt(self.tensor(f"{name}.bn.running_var") + self.epsilon)
            bias = self.tensor(f"{name}.bn.bias") - self.tensor(f"{name}.bn.running_mean") * scale
            weight = weight * scale[:, None, None, None]
        else:
            bias = self.tensor(f"{name}.conv.bias")
        kernel = weight.shape[2]
        padding = 2 if kernel == 6 else kernel // 2
        return self.builder.convolution(
            name, x, weight.astype(np.float32), bias.astype(np.float32), stride=stride, padding=padding, silu=True)

    def c3(self, name, x, shortcut):
        y = self.conv(f"{name}.cv1", x)
        index = 0
        while f"{name}.m.{index}.cv1.conv.weight" in self.tensors:
            block = f"{name}.m.{index}"
            z = self.conv(f"{block}.cv2", self.conv(f"{block}.cv1", y))
            y = self.builder.add(block, y, z) if shortcut else z
            index += 1
        joined = self.builder.concatenate(name, [y, self.conv(f"{name}.cv2", x)])
        return self.conv(f"{name}.cv3", joined)

    def sppf(self, name, x):
        maps = [self.conv(f"{name}.cv1", x)]
        for step in range(3):
            maps.append(self.builder.max_pool(f"{name}.m.{step}", maps[-1], kernel=5))
        return self.conv(f"{name}.cv2", self.builder.concatenate(name, maps))

    def detect(self, name, maps):
        anchors = self.tensor(f"{name}.anchors")
        self.unused.discard(f"{name}.anchor_grid")
        levels = []
        for index, (x, stride) in enumerate(zip(maps, self.strides, strict=True)):
            weight = self.tensor(f"{name}.m.{index}.weight").astype(np.float32)
            bias = self.tensor(f"{name}.m.{index}.bias").astype(np.float32)
            y = self.builder.convolution(f"{name}.m.{index}", x, weight, bias, stride=1, padding=0, silu=False)
            levels.append((y, stride, (anchors[index] * stride).astype(np.float32)))
        return self.builder.detect(name, levels, values=weight.shape[0] // ANCHORS_A_CELL)
