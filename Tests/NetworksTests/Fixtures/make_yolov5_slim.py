"""Makes the slim YOLOv5 fixtures: weight files, what PyTorch computes from them, and what suppression leaves.

    python3 make_yolov5_slim.py

Needs torch, torchvision (1.13, 0.14), numpy and OpenCV. The networks have the graph of YOLOv5 releases 6.0 to 7.0 with
very few channels and seeded random weights; the files have the layout of the official checkpoints, except that the
vectors of the batch normalizations share one storage and modules have no hook dictionaries, to stay under 100 KB.

Everything here is written from the network's description, to be run by nobody but this script.
"""

import json
import struct
import sys
import types
from collections import OrderedDict
from pathlib import Path

import cv2
import numpy as np
import torch
import torchvision
from torch import nn

HERE = Path(__file__).parent
ANCHORS = [[10, 13, 16, 30, 33, 23], [30, 61, 62, 45, 59, 119], [116, 90, 156, 198, 373, 326]]
STRIDES = [8, 16, 32]


ACTIVATION = nn.SiLU()


class Conv(nn.Module):
    def __init__(self, inputs, outputs, kernel=1, stride=1, padding=None):
        super().__init__()
        padding = kernel // 2 if padding is None else padding
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)
        self.act = ACTIVATION

    def forward(self, x):
        return self.act(self.bn(self.conv(x)))


class Bottleneck(nn.Module):
    def __init__(self, channels, shortcut):
        super().__init__()
        self.cv1 = Conv(channels, channels)
        self.cv2 = Conv(channels, channels, 3)
        self.add = shortcut

    def forward(self, x):
        y = self.cv2(self.cv1(x))
        return x + y if self.add else y


class C3(nn.Module):
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


class Concat(nn.Module):
    def __init__(self):
        super().__init__()
        self.d = 1

    def forward(self, x):
        return torch.cat(x, self.d)


class Detect(nn.Module):
    def __init__(self, classes, inputs):
        super().__init__()
        self.nc = classes
        self.no = classes + 5
        self.nl = 3
        self.na = 3
        self.grid = [torch.zeros(1)] * 3
        self.anchor_grid = [torch.zeros(1)] * 3
        self.inplace = True
        self.stride = torch.tensor(STRIDES, dtype=torch.float32)
        anchors = torch.tensor(ANCHORS, dtype=torch.float32).view(3, 3, 2)
        self.register_buffer("anchors", anchors / self.stride.view(3, 1, 1))
        self.m = nn.ModuleList(nn.Conv2d(c, 3 * self.no, 1) for c in inputs)

    def forward(self, maps):
        levels = []
        for level, x in enumerate(maps):
            t = self.m[level](x)
            n, _, height, width = t.shape
            t = t.view(n, 3, self.no, height, width).permute(0, 1, 3, 4, 2).sigmoid()
            rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
            cells = torch.stack((columns, rows), 2).float()
            centre = (t[..., 0:2] * 2 - 0.5 + cells) * self.stride[level]
            anchor = (self.anchors[level] * self.stride[level]).view(1, 3, 1, 1, 2)
            size = (t[..., 2:4] * 2) ** 2 * anchor
            levels.append(torch.cat((centre, size, t[..., 4:]), 4).reshape(n, -1, self.no))
        return torch.cat(levels, 1)


class Network(nn.Module):
    """`Model` of releases 6.0 and 6.1, `DetectionModel` since."""

    def __init__(self, widths, depths, classes, names):
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
            (-1, C3(e, e, depths[0])),
            (-1, SPPF(e, e)),
            (-1, Conv(e, d)),
            (-1, nn.Upsample(None, 2, "nearest")),
            ([-1, 6], Concat()),
            (-1, C3(2 * d, d, depths[0], False)),
            (-1, Conv(d, c)),
            (-1, nn.Upsample(None, 2, "nearest")),
            ([-1, 4], Concat()),
            (-1, C3(2 * c, c, depths[0], False)),
            (-1, Conv(c, c, 3, 2)),
            ([-1, 14], Concat()),
            (-1, C3(2 * c, d, depths[0], False)),
            (-1, Conv(d, d, 3, 2)),
            ([-1, 10], Concat()),
            (-1, C3(2 * d, e, depths[0], False)),
            ([17, 20, 23], Detect(classes, [c, d, e])),
        ]
        for index, (source, layer) in enumerate(layers):
            layer.i, layer.f = index, source
            layer.type = f"{type(layer).__module__}.{type(layer).__name__}"
        self.model = nn.Sequential(*(layer for _, layer in layers))
        self.save = [4, 6, 10, 14, 17, 20, 23]
        self.names = names
        self.inplace = True
        self.stride = self.model[-1].stride
        self.yaml = {"nc": classes, "depth_multiple": 0.33, "width_multiple": 0.1, "anchors": ANCHORS, "ch": 3}

    def forward(self, x):
        outputs = []
        for layer in self.model:
            if isinstance(layer.f, list):
                x = [x if index == -1 else outputs[index] for index in layer.f]
            x = layer(x)
            outputs.append(x)
        return x


def register(network_name):
    """Gives the classes the names under which the repository's checkpoints pickle them."""
    models = types.ModuleType("models")
    common, yolo = types.ModuleType("models.common"), types.ModuleType("models.yolo")
    for cls in (Conv, Bottleneck, C3, SPPF, Concat):
        cls.__module__ = "models.common"
        setattr(common, cls.__name__, cls)
    for cls, name in ((Detect, "Detect"), (Network, network_name)):
        cls.__module__, cls.__name__, cls.__qualname__ = "models.yolo", name, name
        setattr(yolo, name, cls)
    sys.modules.update({"models": models, "models.common": common, "models.yolo": yolo})


def picture(height, width, seed):
    """A smooth random RGB picture with a few sharp rectangles."""
    random = np.random.RandomState(seed)
    coarse = random.randint(0, 256, (height // 12 + 2, width // 12 + 2, 3)).astype(np.uint8)
    image = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(6):
        x, y = random.randint(0, width - 8), random.randint(0, height - 8)
        w, h = random.randint(4, width // 2), random.randint(4, height // 2)
        image[y : y + h, x : x + w] = random.randint(0, 256, 3)
    return image


def tensor(image):
    return torch.from_numpy(image.astype(np.float32) / np.float32(255)).permute(2, 0, 1)[None]


def randomise(network, seed, objectness):
    """Seeded weights whose activations keep a spread of about 1; the head's objectness lies around `objectness`."""
    torch.manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.normal_(module.weight, std=(2 / module.weight[0].numel()) ** 0.5)
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.6, 1.6)
            nn.init.normal_(module.bias, std=0.4)
            module.momentum = None
    head = network.model[-1]
    for convolution in head.m:
        nn.init.normal_(convolution.weight, std=1.6 / convolution.in_channels**0.5)
        bias = convolution.bias.data.view(3, -1)
        bias.normal_(std=0.7)
        bias[:, 4] += objectness
        bias[:, 5:] += 0.5
    # The statistics of a few pictures, which is what `momentum = None` gathers.
    network.train()
    with torch.no_grad():
        network(torch.cat([tensor(picture(128, 128, 100 + index)) for index in range(8)]))
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.03
    network.eval()
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    return network


UNNEEDED = [
    "_backward_hooks", "_is_full_backward_hook", "_forward_hooks", "_forward_pre_hooks", "_state_dict_hooks",
    "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks", "_reversed_padding_repeated_twice", "output_padding",
]


def slimmed(network, everything=False):
    """The network with the vectors of its normalizations, or with all weights, as parts of one storage."""
    places = []
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            places += [(module._parameters, "weight"), (module._parameters, "bias")]
            places += [(module._buffers, "running_mean"), (module._buffers, "running_var")]
        if isinstance(module, nn.Conv2d) and everything:
            places += [(module._parameters, name) for name in ("weight", "bias") if module._parameters[name] is not None]
    storage = torch.cat([owner[name].detach().flatten() for owner, name in places])
    start = 0
    for owner, name in places:
        shape, count = owner[name].shape, owner[name].numel()
        part = storage[start : start + count].view(shape)
        owner[name] = nn.Parameter(part, requires_grad=False) if isinstance(owner[name], nn.Parameter) else part
        start += count
    normalizations = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    counts = torch.full((len(normalizations),), 1000)
    for index, module in enumerate(normalizations):
        module._buffers["num_batches_tracked"] = counts[index]
    return network


def save_checkpoint(file_name, network, **more):
    """Saves the model object without its hook dictionaries, all empty, and what else nobody reads."""
    kept = [(module, dict(module.__dict__)) for module in network.modules()]
    for module, _ in kept:
        for name in UNNEEDED:
            module.__dict__.pop(name, None)
    checkpoint = {"epoch": -1, "best_fitness": None, "model": network, "ema": None, "updates": None, "optimizer": None}
    torch.save({**checkpoint, **more}, HERE / file_name)
    for module, attributes in kept:
        module.__dict__.update(attributes)


def save_safetensors(path, tensors, metadata=None):
    kinds = {np.dtype("float32"): "F32", np.dtype("float16"): "F16", np.dtype("uint8"): "U8"}
    header, offset, blobs = {}, 0, []
    if metadata:
        header["__metadata__"] = metadata
    for name, array in sorted(tensors.items(), key=lambda item: -item[1].dtype.itemsize):
        blob = np.ascontiguousarray(array).tobytes()
        header[name] = {
            "dtype": kinds[array.dtype], "shape": list(array.shape), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def suppress(prediction, confidence, iou, limit=1000, multi_label=False, agnostic=False, classes=None):
    """What the repository's `non_max_suppression` leaves of one picture's predictions `[P, 5 + classes]`.

    Rows `x1, y1, x2, y2, score, class` by falling score. Also returns the smallest distance of any score or overlap
    from its threshold, so that a fixture can be chosen whose decisions do not hang on rounding.
    """
    margin = (prediction[:, 4] - confidence).abs().min().item()
    prediction = prediction[prediction[:, 4] > confidence]
    corners = torch.cat(
        (prediction[:, :2] - prediction[:, 2:4] / 2, prediction[:, :2] + prediction[:, 2:4] / 2), 1)
    scores = prediction[:, 5:] * prediction[:, 4:5]
    if not multi_label:
        best, number = scores.max(1, keepdim=True)
        margin = min(margin, (best - confidence).abs().min().item())
        rest = scores.scatter(1, number, -1).max(1, keepdim=True).values
        margin = min(margin, (best - rest).min().item())
        scores = torch.zeros_like(scores).scatter(1, number, best)
    else:
        margin = min(margin, (scores - confidence).abs().min().item())
    row, number = (scores > confidence).nonzero().T
    boxes, scores = corners[row], scores[row, number]
    if classes is not None:
        chosen = torch.isin(number, torch.tensor(classes))
        boxes, scores, number = boxes[chosen], scores[chosen], number[chosen]
    shifted = boxes if agnostic else boxes + number[:, None].float() * 7680
    if len(boxes) > 1:
        overlaps = torchvision.ops.box_iou(shifted, shifted).triu(1)
        margin = min(margin, (overlaps - iou).abs().min().item())
        gaps = (scores[:, None] - scores[None]).abs()[(overlaps > iou)]
        margin = min(margin, gaps.min().item() if len(gaps) else 1)
    kept = torchvision.ops.nms(shifted, scores, iou)[:limit]
    if len(kept) > 1:
        margin = min(margin, (scores[kept][:-1] - scores[kept][1:]).min().item())
    return torch.cat((boxes[kept], scores[kept, None], number[kept, None].float()), 1), margin


def scaled_back(rows, network_size, size):
    """`scale_boxes` of the repository: sizes are (height, width)."""
    rows = rows.clone()
    gain = min(network_size[0] / size[0], network_size[1] / size[1])
    rows[:, [0, 2]] -= (network_size[1] - size[1] * gain) / 2
    rows[:, [1, 3]] -= (network_size[0] - size[0] * gain) / 2
    rows[:, :4] /= gain
    rows[:, [0, 2]] = rows[:, [0, 2]].clamp(0, size[1])
    rows[:, [1, 3]] = rows[:, [1, 3]].clamp(0, size[0])
    return rows


def letterboxed(image, size, square):
    """`letterbox` of the repository."""
    height, width = image.shape[:2]
    ratio = min(size / height, size / width)
    scaled = int(round(width * ratio)), int(round(height * ratio))
    padding = size - scaled[0], size - scaled[1]
    if not square:
        padding = padding[0] % 32, padding[1] % 32
    if scaled != (width, height):
        image = cv2.resize(image, scaled, interpolation=cv2.INTER_LINEAR)
    left, right = int(round(padding[0] / 2 - 0.1)), int(round(padding[0] / 2 + 0.1))
    top, bottom = int(round(padding[1] / 2 - 0.1)), int(round(padding[1] / 2 + 0.1))
    return cv2.copyMakeBorder(image, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(114, 114, 114))


VARIANTS = [
    {},
    {"confidence": 0.5},
    {"iou": 0.1},
    {"iou": 0.8},
    {"multiLabel": True},
    {"multiLabel": True, "confidence": 0.05, "iou": 0.6},
    {"agnostic": True},
    {"agnostic": True, "multiLabel": True},
    {"classes": [1]},
    {"classes": [0], "multiLabel": True},
    {"classes": []},
    {"classes": [0, 1, 7]},
    {"maxDetections": 3},
    {"maxDetections": 0},
    {"square": True},
    {"size": 128},
    {"size": 160, "square": True, "multiLabel": True, "agnostic": True},
]


# The seeds below were chosen for it.
MARGIN = 1e-5


def output(network, image):
    """The raw output in double precision, from which single precision must lie little, as float32.

    The seeds below were chosen for a network that amplifies rounding no more than real ones do.
    """
    with torch.no_grad():
        single = network(tensor(image))[0].double()
        exact = network.double()(tensor(image).double())[0]
    size = exact[:, 2:4].amax(1, keepdim=True).clamp(min=1)
    assert ((single - exact).abs()[:, :4] / size).max() < 2e-5
    assert (single - exact).abs()[:, 4:].max() < 4e-6
    return exact[None].float().numpy()


def detections(network, image):
    records = []
    for variant in VARIANTS:
        option = {"confidence": 0.25, "iou": 0.45, "maxDetections": 1000, "size": 96, "square": False,
                  "multiLabel": False, "agnostic": False, "classes": None, **variant}
        box = letterboxed(image, option["size"], option["square"])
        rows, margin = suppress(
            network(tensor(box).double())[0].float(), option["confidence"], option["iou"], option["maxDetections"],
            option["multiLabel"], option["agnostic"], option["classes"])
        rows = scaled_back(rows, box.shape[:2], image.shape[:2])
        records.append({"options": option, "detections": [[round(v, 5) for v in row] for row in rows.tolist()]})
        assert margin > MARGIN, f"{variant}: a decision hangs on rounding, {margin:.1e}"
    return records


def main():
    torch.set_num_threads(1)
    recorded = {"picture": picture(64, 96, 1), "odd": picture(75, 49, 2)}

    # Release 6.1: `Model`, names as a list, half precision.
    register("Model")
    network = randomise(Network((4, 6, 8, 10, 32), (1, 2, 1), 2, ["bolt", "nut"]), seed=39, objectness=-3.0)
    network = slimmed(network.half(), everything=True)
    network.stride = network.model[-1].stride = network.stride.half()
    torch.save(
        OrderedDict((name, value) for name, value in network.state_dict().items()),
        HERE / "yolov5_slim_state_dict.pth")
    save_checkpoint("yolov5_slim_fp16.pt", network, wandb_id=None, date="2022-02-22T12:00:00")
    exact = Network((4, 6, 8, 10, 32), (1, 2, 1), 2, ["bolt", "nut"])
    exact.load_state_dict(torch.load(HERE / "yolov5_slim_state_dict.pth"))
    exact.eval()
    recorded["fp16.output"] = output(exact, recorded["picture"])
    records = {"fp16": detections(exact, recorded["odd"])}

    # Release 7.0: `DetectionModel`, names as a dictionary, single precision.
    register("DetectionModel")
    names = {0: "red coin", 1: "blaue Münze", 2: "貨幣"}
    network = slimmed(randomise(Network((4, 4, 6, 8, 12), (1, 1, 1), 3, names), seed=148, objectness=-3.5))
    save_checkpoint(
        "yolov5_slim_fp32.pt", network, opt={"imgsz": 96, "epochs": 3}, git={"remote": None, "branch": None},
        date="2022-11-22T12:00:00")
    recorded["fp32.output"] = output(network, recorded["picture"])
    records["fp32"] = detections(network, recorded["odd"])

    save_safetensors(HERE / "yolov5_slim_reference.safetensors", recorded)
    (HERE / "yolov5_slim_detections.json").write_text(json.dumps(records, separators=(",", ":")) + "\n")
    for path in sorted(HERE.glob("yolov5_slim*")):
        print(path.name, path.stat().st_size)
        assert path.stat().st_size < 100_000


if __name__ == "__main__":
    main()
