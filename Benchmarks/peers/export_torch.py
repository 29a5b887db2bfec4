"""Draws YOLOv5 as a module of PyTorch, channels last, in float32 or bfloat16."""

import torch

import checkpoint
import yolov5


class TorchBuilder:
    """Draws the network as steps that follow each other; a handle is a step's number."""

    def __init__(self):
        self.steps = [(None, ())]
        self.image = 0

    def step(self, function, *inputs):
        self.steps.append((function, inputs))
        return len(self.steps) - 1

    def convolution(self, name, x, weight, bias, stride, padding, silu):
        layer = torch.nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2], stride, padding)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weight))
            layer.bias.copy_(torch.from_numpy(bias))
        return self.step(torch.nn.Sequential(layer, torch.nn.SiLU(inplace=True)) if silu else layer, x)

    def add(self, name, a, b):
        return self.step(torch.add, a, b)

    def concatenate(self, name, maps):
        return self.step(lambda *values: torch.cat(values, 1), *maps)

    def max_pool(self, name, x, kernel):
        return self.step(torch.nn.MaxPool2d(kernel, 1, kernel // 2), x)

    def upsample(self, name, x):
        return self.step(torch.nn.Upsample(scale_factor=2, mode="nearest"), x)

    def detect(self, name, levels, values):
        decoded = [
            self.step(Decoding(stride, torch.from_numpy(anchors), values), x) for x, stride, anchors in levels]
        return self.step(lambda *boxes: torch.cat(boxes, 1), *decoded)


class Decoding(torch.nn.Module):
    """The cells of one level to boxes in pixels, in float32."""

    def __init__(self, stride, anchors, values):
        super().__init__()
        self.stride, self.anchors, self.values = stride, anchors, values
        self.grid = None

    def forward(self, x):
        _, _, height, width = x.shape
        if self.grid is None or self.grid.shape[1:3] != (height, width):
            rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
            self.grid = torch.stack([columns, rows], -1)[None].float() - 0.5
        cells = x.float().view(len(self.anchors), self.values, height, width).permute(0, 2, 3, 1).sigmoid()
        centre = (cells[..., :2] * 2 + self.grid) * self.stride
        size = (cells[..., 2:4] * 2) ** 2 * self.anchors[:, None, None]
        return torch.cat([centre, size, cells[..., 4:]], -1).view(1, -1, self.values)


class Network(torch.nn.Module):
    """Steps run one after another; what no later step needs is let go."""

    def __init__(self, steps):
        super().__init__()
        self.steps = steps
        self.layers = torch.nn.ModuleList(f for f, _ in steps if isinstance(f, torch.nn.Module))
        self.last = {source: index for index, (_, inputs) in enumerate(steps) for source in inputs}

    def forward(self, x):
        values = {0: x}
        for index, (function, inputs) in enumerate(self.steps[1:], 1):
            values[index] = function(*(values[source] for source in inputs))
            for source in set(inputs):
                if self.last[source] == index:
                    del values[source]
        return values[len(self.steps) - 1]


def build(weights, bfloat16=False):
    """The module of a weight file."""
    builder = TorchBuilder()
    yolov5.draw(checkpoint.read(weights), builder, builder.image)
    module = Network(builder.steps).eval().to(memory_format=torch.channels_last)
    return module.bfloat16() if bfloat16 else module
