"""YOLOv5's structure since release 6.0, written from its description, with any widths and depths.

Modules are numbered as in the published graph, so that the names of the tensors are those of its weight files.
"""

import torch
from torch import nn

ANCHORS = [[10, 13, 16, 30, 33, 23], [30, 61, 62, 45, 59, 119], [116, 90, 156, 198, 373, 326]]
STRIDES = [8, 16, 32]
EPSILON = 1e-3


class Conv(nn.Module):
    """Convolution, batch normalization, SiLU."""

    def __init__(self, inputs, outputs, kernel=1, stride=1, padding=None):
        super().__init__()
        padding = kernel // 2 if padding is None else padding
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=EPSILON, momentum=0.03)
        self.act = nn.SiLU(inplace=True)

    def forward(self, x):
        return self.act(self.bn(self.conv(x)))


class Bottleneck(nn.Module):
    def __init__(self, channels, shortcut):
        super().__init__()
        self.cv1 = Conv(channels, channels)
        self.cv2 = Conv(channels, channels, 3)
        self.shortcut = shortcut

    def forward(self, x):
        y = self.cv2(self.cv1(x))
        return x + y if self.shortcut else y


class C3(nn.Module):
    """A cross-stage partial bottleneck with three convolutions."""

    def __init__(self, inputs, outputs, depth, shortcut=True):
        super().__init__()
        hidden = outputs // 2
        self.cv1 = Conv(inputs, hidden)
        self.cv2 = Conv(inputs, hidden)
        self.cv3 = Conv(2 * hidden, outputs)
        self.m = nn.Sequential(*(Bottleneck(hidden, shortcut) for _ in range(depth)))

    def forward(self, x):
        return self.cv3(torch.cat((self.m(self.cv1(x)), self.cv2(x)), 1))


class SPPF(nn.Module):
    """Spatial pyramid pooling by three equal poolings in a row."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.cv1 = Conv(inputs, inputs // 2)
        self.cv2 = Conv(inputs // 2 * 4, outputs)
        self.m = nn.MaxPool2d(5, 1, 2)

    def forward(self, x):
        parts = [self.cv1(x)]
        for _ in range(3):
            parts.append(self.m(parts[-1]))
        return self.cv2(torch.cat(parts, 1))


class Detect(nn.Module):
    """A 1x1 convolution a level; the outputs are `[N, 3, H, W, 5 + classes]` before the sigmoid."""

    def __init__(self, classes, inputs):
        super().__init__()
        self.values = classes + 5
        anchors = torch.tensor(ANCHORS, dtype=torch.float32).view(3, 3, 2)
        self.register_buffer("anchors", anchors / torch.tensor(STRIDES).view(3, 1, 1))
        self.m = nn.ModuleList(nn.Conv2d(channels, 3 * self.values, 1) for channels in inputs)
        for convolution in self.m:  # few cells hold an object
            bias = convolution.bias.data.view(3, -1)
            bias[:, 4] = -5.0
            bias[:, 5:] = -1.5

    def forward(self, maps):
        outputs = []
        for convolution, x in zip(self.m, maps):
            t = convolution(x).float()
            n, _, height, width = t.shape
            outputs.append(t.view(n, 3, self.values, height, width).permute(0, 1, 3, 4, 2))
        return outputs


class Concat(nn.Module):
    def forward(self, x):
        return torch.cat(x, 1)


class YOLOv5(nn.Module):
    def __init__(self, classes, widths=(16, 32, 64, 128, 256), depths=(1, 2, 3, 1), neck=1):
        super().__init__()
        a, b, c, d, e = widths
        layers = [
            (-1, Conv(3, a, 6, 2, 2)),
            (-1, Conv(a, b, 3, 2)),
            (-1, C3(b, b, depths[0])),
            (-1, Conv(b, c, 3, 2)),
            (-1, C3(c, c, depths[1])),
            (-1, Conv(c, d, 3, 2)),
            (-1, C3(d, d, depths[2])),
            (-1, Conv(d, e, 3, 2)),
            (-1, C3(e, e, depths[3])),
            (-1, SPPF(e, e)),
            (-1, Conv(e, d)),
            (-1, nn.Upsample(None, 2, "nearest")),
            ([-1, 6], Concat()),
            (-1, C3(2 * d, d, neck, False)),
            (-1, Conv(d, c)),
            (-1, nn.Upsample(None, 2, "nearest")),
            ([-1, 4], Concat()),
            (-1, C3(2 * c, c, neck, False)),
            (-1, Conv(c, c, 3, 2)),
            ([-1, 14], Concat()),
            (-1, C3(2 * c, d, neck, False)),
            (-1, Conv(d, d, 3, 2)),
            ([-1, 10], Concat()),
            (-1, C3(2 * d, e, neck, False)),
            ([17, 20, 23], Detect(classes, [c, d, e])),
        ]
        self.sources = [source for source, _ in layers]
        self.model = nn.Sequential(*(layer for _, layer in layers))

    def forward(self, x):
        outputs = []
        for source, layer in zip(self.sources, self.model):
            if isinstance(source, list):
                x = [x if index == -1 else outputs[index] for index in source]
            x = layer(x)
            outputs.append(x)
        return x

    @property
    def anchors(self):
        """In cells, `[level, anchor, 2]`."""
        return self.model[-1].anchors


def decode(outputs, anchors):
    """Predictions `[N, P, 5 + classes]` of centre, size (pixels of the input), objectness and class scores."""
    levels = []
    for level, t in enumerate(outputs):
        n, _, height, width, values = t.shape
        t = t.sigmoid()
        rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        cells = torch.stack((columns, rows), 2).float()
        centre = (t[..., 0:2] * 2 - 0.5 + cells) * STRIDES[level]
        size = (t[..., 2:4] * 2) ** 2 * (anchors[level] * STRIDES[level]).view(1, 3, 1, 1, 2)
        levels.append(torch.cat((centre, size, t[..., 4:]), 4).reshape(n, -1, values))
    return torch.cat(levels, 1)
