#!/usr/bin/env python3
"""Records what torchvision's Mask R-CNN computes, stage by stage, on weights that anyone can compute again.

    make_maskrcnn_slim.py                   the slim models of both variants, beside this script
    make_maskrcnn_slim.py --full FOLDER     the official shapes, with weights and records, into FOLDER
                                            [--picture PHOTO] [--variants v1 v2]

Needs torch and torchvision (Debian 12: python3-torchvision; recorded with torch 1.13.1 and torchvision 0.14.1).

A slim model has the keys of the official one and narrower tensors. Its weights are not stored: the layout file
`maskrcnn-slim-VARIANT.txt` has one line a tensor, in the order of the state dict,

    KEY DIMENSIONS uniform AMPLITUDE OFFSET     each value OFFSET + AMPLITUDE * u, in float32, product rounded first
    KEY DIMENSIONS values V0 V1 ...             written out
    KEY scalar                                  num_batches_tracked, an int64 of 0

DIMENSIONS are joined by `x`. The u are (next() >> 40) / 2^24 - 0.5 of one SplitMix64 with seed 1 that runs through all
`uniform` lines. The line `checksum N` is the sum, modulo 2^64, of the bits of all float32 values.

The picture, 3 bytes a pixel, is (3 * block + noise) / 4, rounded down: from a SplitMix64 with seed 2, whose bytes are
next() >> 56, first the bytes of the blocks of 8x8 pixels, [ceil(height/8)][ceil(width/8)][3], then those of the noise,
[height][width][3].

Tensors are float32, pictures and features [height, width, channels], boxes x1 y1 x2 y2:

    `maskrcnn-slim-VARIANT-features.safetensors`   input (normalized, resized, padded; see input_step), c3 ... c5 (the
        backbone), p2 ... p6 (the pyramid)
    `maskrcnn-slim-VARIANT-rpn.safetensors`        objectness2 ... objectness6 [height, width, anchors], deltas2 ...
        deltas6 [height, width, anchors * 4]
    `maskrcnn-slim-VARIANT-proposals.safetensors`  candidates, candidate_scores and candidate_levels (what is given to
        non-maximum suppression, in order; a level from 0), proposals (what is left of it, in order)
    `maskrcnn-slim-VARIANT-detections.safetensors` box_features [first proposals, 7, 7, channels], class_logits and
        box_deltas (of all proposals), resized_boxes, boxes, scores and labels (of all detections; resized_boxes in
        pixels of the network's input, boxes in pixels of the picture)
    `maskrcnn-slim-VARIANT-masks.safetensors`      mask_features [first detections, 14, 14, channels], mask_logits
        [first detections, 28, 28] (of the detection's label)
    `maskrcnn-slim-VARIANT-masks.txt`              a line a detection: the COCO run lengths of the mask, compressed, of
        probabilities above 0.5 on the picture

What else a test needs (sizes, settings, counts of the torchvision run) is in the metadata of each of these files.
"""

import argparse
import contextlib
import json
import math
import os
import pathlib
import struct
import sys

import numpy as np
import torch
import torchvision
from torch import nn
from torchvision.models.detection import MaskRCNN, faster_rcnn, mask_rcnn, rpn
from torchvision.models.detection._utils import overwrite_eps
from torchvision.models.detection.backbone_utils import BackboneWithFPN, _resnet_fpn_extractor
from torchvision.models.resnet import Bottleneck, ResNet, resnet50
from torchvision.ops import boxes as box_operators
from torchvision.ops import FrozenBatchNorm2d
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

HERE = pathlib.Path(__file__).resolve().parent
VARIANTS = {"v1": "maskrcnn_resnet50_fpn", "v2": "maskrcnn_resnet50_fpn_v2"}
ANCHORS = 3


class SplitMix64:
    """The sequence of TestSupport's SeededGenerator, many numbers at once."""

    def __init__(self, seed):
        self.state = np.uint64(seed)

    def next(self, count):
        with np.errstate(over="ignore"):
            steps = np.arange(1, count + 1, dtype=np.uint64)
            bits = self.state + steps * np.uint64(0x9E3779B97F4A7C15)
            self.state = bits[-1] if count else self.state
            bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            return bits ^ (bits >> np.uint64(31))

    def centred(self, count):
        return (self.next(count) >> np.uint64(40)).astype(np.float32) * np.float32(2**-24) - np.float32(0.5)

    def bytes(self, count):
        return (self.next(count) >> np.uint64(56)).astype(np.int64)


def synthetic_picture(height, width):
    random = SplitMix64(2)
    rows, columns = -(-height // 8), -(-width // 8)
    blocks = random.bytes(rows * columns * 3).reshape(rows, columns, 3).repeat(8, 0).repeat(8, 1)[:height, :width]
    noise = random.bytes(height * width * 3).reshape(height, width, 3)
    return ((3 * blocks + noise) // 4).astype(np.uint8)


class SlimResNet(ResNet):
    """torchvision's ResNet-50 with other numbers of channels."""

    def __init__(self, stem, planes, width_per_group, norm_layer):
        nn.Module.__init__(self)
        self._norm_layer, self.inplanes, self.dilation = norm_layer, stem, 1
        self.groups, self.base_width = 1, width_per_group
        self.conv1 = nn.Conv2d(3, stem, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = norm_layer(stem)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        for stage, (plane, blocks) in enumerate(zip(planes, (3, 4, 6, 3)), 1):
            setattr(self, f"layer{stage}", self._make_layer(Bottleneck, plane, blocks, stride=1 if stage == 1 else 2))


def pyramid(backbone, planes, channels, norm_layer):
    return BackboneWithFPN(
        backbone, {f"layer{k + 1}": str(k) for k in range(4)}, [4 * plane for plane in planes], channels,
        extra_blocks=LastLevelMaxPool(), norm_layer=norm_layer)


def slim_model(variant):
    """The variant with few channels, all widths different, and 3 classes beside the background."""
    if variant == "v1":
        planes, channels = (4, 6, 8, 10), 12
        backbone = SlimResNet(8, planes, 64, FrozenBatchNorm2d)
        model = MaskRCNN(
            pyramid(backbone, planes, channels, None), min_size=96, max_size=160,
            rpn_head=rpn.RPNHead(channels, ANCHORS),
            box_head=faster_rcnn.TwoMLPHead(channels * 49, 24),
            box_predictor=faster_rcnn.FastRCNNPredictor(24, 4),
            mask_head=mask_rcnn.MaskRCNNHeads(channels, (10, 11, 10, 9), 1),
            mask_predictor=mask_rcnn.MaskRCNNPredictor(9, 7, 4))
        overwrite_eps(model, 0.0)
        return model
    planes, channels = (4, 6, 8, 10), 16
    backbone = SlimResNet(9, planes, 96, nn.BatchNorm2d)
    return MaskRCNN(
        pyramid(backbone, planes, channels, nn.BatchNorm2d), min_size=48, max_size=64,
        rpn_head=rpn.RPNHead(channels, ANCHORS, conv_depth=2),
        box_head=faster_rcnn.FastRCNNConvFCHead((channels, 7, 7), [12, 13, 12, 11], [20], nn.BatchNorm2d),
        box_predictor=faster_rcnn.FastRCNNPredictor(20, 4),
        mask_head=mask_rcnn.MaskRCNNHeads(channels, (10, 11, 10, 9), 1, nn.BatchNorm2d),
        mask_predictor=mask_rcnn.MaskRCNNPredictor(9, 8, 4))


def full_model(variant):
    if variant == "v2":
        return torchvision.models.detection.maskrcnn_resnet50_fpn_v2(weights=None, weights_backbone=None)
    backbone = resnet50(weights=None, norm_layer=FrozenBatchNorm2d)
    model = MaskRCNN(_resnet_fpn_extractor(backbone, 5), num_classes=91)
    overwrite_eps(model, 0.0)
    return model


class Weights:
    """The lines of a layout file, and the state dict that they stand for."""

    def __init__(self, model):
        self.model = model
        self.lines = {}
        for key, tensor in model.state_dict().items():
            shape = tuple(tensor.shape)
            if not shape:
                self.lines[key] = (shape, "scalar", ())
            elif len(shape) > 1:
                fan_in = math.prod(shape[1:]) if "conv5_mask" not in key else shape[0]
                gain = 1 if ".conv1." in key or "fpn" in key else 2
                self.uniform(key, shape, math.sqrt(12 * gain / fan_in), 0)
            elif key.endswith("running_var"):
                self.uniform(key, shape, 0.8, 1)
            elif key.endswith("running_mean"):
                self.uniform(key, shape, 0.6, 0)
            elif key.endswith("weight"):
                self.uniform(key, shape, 0.4, 0.5 if ".bn3." in key else 1)
            else:
                self.uniform(key, shape, 0.6, 0)
        self.load()

    def uniform(self, key, shape, amplitude, offset):
        self.lines[key] = (shape, "uniform", (float(f"{amplitude:.4g}"), float(offset)))

    def arrays(self):
        random, arrays = SplitMix64(1), {}
        for key, (shape, kind, numbers) in self.lines.items():
            if kind == "scalar":
                arrays[key] = np.zeros((), np.int64)
            elif kind == "values":
                arrays[key] = np.array(numbers, np.float32).reshape(shape)
            else:
                amplitude, offset = np.float32(numbers)
                arrays[key] = (offset + amplitude * random.centred(math.prod(shape))).reshape(shape)
        return arrays

    def load(self):
        self.model.load_state_dict({key: torch.from_numpy(array) for key, array in self.arrays().items()})

    def calibrate(self, module, deviation, mean, outputs):
        """Sets the scale and the biases of a last layer, whose `outputs` are [..., channels], to a distribution.

        `mean` is a number, or one a channel."""
        values = outputs.reshape(-1, outputs.shape[-1]).double().numpy()
        spread = (values - values.mean(0)).std()
        if not spread > 0.01 * abs(values).mean():
            raise ValueError(f"{module}: the spread {spread:.3g} drowns in the values, {abs(values).mean():.3g}")
        bias = self.model.state_dict()[f"{module}.bias"].numpy()
        shape, _, (amplitude, _) = self.lines[f"{module}.weight"]
        self.uniform(f"{module}.weight", shape, amplitude * deviation / spread, 0)
        wanted = mean - (values.mean(0) - bias) * deviation / spread
        self.lines[f"{module}.bias"] = (bias.shape, "values", tuple(float(f"{v:.5g}") for v in wanted))
        self.load()

    def text(self):
        lines, total = [], 0
        for key, array in self.arrays().items():
            if array.ndim:
                total += int(array.astype(np.float32).view(np.uint32).astype(np.uint64).sum())
        for key, (shape, kind, numbers) in self.lines.items():
            words = [key, *(["x".join(map(str, shape))] if shape else []), kind, *(f"{n:g}" for n in numbers)]
            lines.append(" ".join(words))
        return "\n".join([f"checksum {total % 2**64}", *lines, ""])


@contextlib.contextmanager
def recorded_suppression():
    """Collects what is given to batched_nms and what it keeps."""
    calls, original = [], box_operators.batched_nms

    def recording(boxes, scores, groups, threshold):
        kept = original(boxes, scores, groups, threshold)
        calls.append((boxes, scores, groups, kept))
        return kept

    box_operators.batched_nms = recording
    try:
        yield calls
    finally:
        box_operators.batched_nms = original


def pixels_first(tensor):
    """[..., channels, height, width] to [..., height, width, channels]."""
    return torch.movedim(tensor, -3, -1)


class Run:
    """One picture's way through the model, every stage kept."""

    def __init__(self, model, picture):
        self.model = model
        image = torchvision.transforms.functional.to_tensor(picture)
        self.original_size = tuple(image.shape[-2:])
        self.images, _ = model.transform([image])
        self.size = self.images.image_sizes[0]
        self.body = model.backbone.body(self.images.tensors)
        self.features = model.backbone.fpn(self.body)

    def head(self):
        return self.model.rpn.head(list(self.features.values()))

    def propose(self):
        with recorded_suppression() as calls:
            self.proposals = self.model.rpn(self.images, self.features)[0]
        self.candidates = calls[0]

    def classify(self):
        heads = self.model.roi_heads
        self.box_features = heads.box_roi_pool(self.features, self.proposals, [self.size])
        self.class_logits, self.box_deltas = heads.box_predictor(heads.box_head(self.box_features))
        return self.class_logits, self.box_deltas

    def detect(self):
        heads = self.model.roi_heads
        with recorded_suppression() as calls:
            boxes, scores, labels = heads.postprocess_detections(
                self.class_logits, self.box_deltas, self.proposals, [self.size])
        self.suppressed_from = len(calls[0][0])
        self.resized_boxes, self.scores, self.labels = boxes[0], scores[0], labels[0]
        self.mask_features = heads.mask_roi_pool(self.features, boxes, [self.size])
        self.mask_logits = heads.mask_predictor(heads.mask_head(self.mask_features))
        return self.mask_logits

    def paste(self):
        chosen = self.mask_logits[torch.arange(len(self.labels)), self.labels]
        result = [{"boxes": self.resized_boxes, "masks": chosen.sigmoid()[:, None]}]
        result = self.model.transform.postprocess(result, [self.size], [self.original_size])[0]
        self.chosen_logits, self.boxes, self.masks = chosen, result["boxes"], result["masks"][:, 0]


def prepare(model, picture, deviation, background):
    """Seeded weights, whose last layers give spread scores and boxes on this picture; the weights and the run.

    `deviation` is that of the class logits, `background` the mean of the background's, where the others' is 0."""
    model.eval()
    weights = Weights(model)
    run = Run(model, picture)
    logits, deltas = run.head()
    flat = lambda levels: torch.cat([pixels_first(level[0]).flatten(0, 1) for level in levels])
    weights.calibrate("rpn.head.cls_logits", 2.0, -1.0, flat(logits))
    weights.calibrate("rpn.head.bbox_pred", 0.2, 0.0, flat(deltas))
    run.propose()
    logits, deltas = run.classify()
    mean = np.zeros(logits.shape[1])
    mean[0] = background
    weights.calibrate("roi_heads.box_predictor.cls_score", deviation, mean, logits)
    weights.calibrate("roi_heads.box_predictor.bbox_pred", 1.0, 0.0, deltas)
    run.classify()
    weights.calibrate("roi_heads.mask_predictor.mask_fcn_logits", 2.0, 0.0, pixels_first(run.detect()))

    run = Run(model, picture)
    run.logits, run.deltas = run.head()
    run.propose()
    run.classify()
    run.detect()
    run.paste()
    whole = model([torchvision.transforms.functional.to_tensor(picture)])[0]
    for name in ("boxes", "scores", "labels"):
        if not torch.equal(whole[name], getattr(run, name)):
            raise ValueError(f"the stages and the whole model differ in their {name}")
    if not torch.equal(whole["masks"][:, 0], run.masks):
        raise ValueError("the stages and the whole model differ in their masks")
    return weights, run


def run_lengths(mask):
    """The compressed counts of COCO's run-length encoding of a mask [height, width]."""
    flat = np.concatenate([[0], mask.astype(np.uint8).T.ravel(), [2]])
    edges = np.flatnonzero(np.diff(flat))
    counts = np.diff(np.concatenate([[0], edges])).tolist()
    text = []
    for index, count in enumerate(counts):
        value = count - counts[index - 2] if index > 2 else count
        more = True
        while more:
            group = value & 0x1F
            value >>= 5
            more = value != (-1 if group & 0x10 else 0)
            text.append(chr((group | 0x20 if more else group) + 48))
    return "".join(text)


def write_whole(path, data):
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(data)
    beside.replace(path)


def write_safetensors(path, tensors, metadata):
    header, offset, parts = {"__metadata__": {key: str(value) for key, value in metadata.items()}}, 0, []
    for name, tensor in tensors.items():
        array = np.ascontiguousarray(tensor.float().numpy(), "<f4")
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
        parts.append(array.tobytes())
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    write_whole(path, struct.pack("<Q", len(text)) + text + b"".join(parts))


def write_records(folder, name, variant, run, full):
    """Writes the records of a run; of a full model only every nth row and column of its largest maps."""
    box_candidates, candidate_scores, candidate_levels, _ = run.candidates
    proposals = run.proposals[0]
    input_step = 4
    step = (lambda level: max(1, 32 >> level)) if full else (lambda level: 1)
    thinned = lambda tensor, step: pixels_first(tensor)[..., ::step, ::step, :]
    first_boxes, first_masks, first_logits = (64, 16, 100) if full else (8, 2, 16)
    metadata = {
        "variant": VARIANTS[variant], "torch": torch.__version__, "torchvision": torchvision.__version__,
        "picture_height": run.original_size[0], "picture_width": run.original_size[1],
        "min_size": run.model.transform.min_size[-1], "max_size": run.model.transform.max_size,
        "resized_height": run.size[0], "resized_width": run.size[1],
        "padded_height": run.images.tensors.shape[-2], "padded_width": run.images.tensors.shape[-1],
        "input_step": input_step, "candidates": len(box_candidates), "proposals": len(proposals),
        "box_candidates": run.suppressed_from, "detections": len(run.labels),
        **{f"p{level}_step": step(level) for level in range(2, 7)},
    }
    tensors = {"input": thinned(run.images.tensors[0], input_step)}
    for level, tensor in zip((2, 3, 4, 5), run.body.values()):
        if level > 2:
            tensors[f"c{level}"] = thinned(tensor[0], step(level))
    for level, tensor in zip(range(2, 7), run.features.values()):
        tensors[f"p{level}"] = thinned(tensor[0], step(level))
    write_safetensors(folder / f"{name}-features.safetensors", tensors, metadata)

    tensors = {}
    for level, logits, deltas in zip(range(2, 7), run.logits, run.deltas):
        tensors[f"objectness{level}"] = pixels_first(logits[0])
        tensors[f"deltas{level}"] = pixels_first(deltas[0])
    write_safetensors(folder / f"{name}-rpn.safetensors", tensors, metadata)
    write_safetensors(folder / f"{name}-proposals.safetensors", {
        "candidates": box_candidates, "candidate_scores": candidate_scores, "candidate_levels": candidate_levels,
        "proposals": proposals,
    }, metadata)

    write_safetensors(folder / f"{name}-detections.safetensors", {
        "box_features": pixels_first(run.box_features[:first_boxes]),
        "class_logits": run.class_logits, "box_deltas": run.box_deltas,
        "resized_boxes": run.resized_boxes, "boxes": run.boxes, "scores": run.scores, "labels": run.labels,
    }, metadata)
    write_safetensors(folder / f"{name}-masks.safetensors", {
        "mask_features": pixels_first(run.mask_features[:first_masks]), "mask_logits": run.chosen_logits[:first_logits],
    }, metadata)

    masks = (run.masks > 0.5).numpy()
    write_whole(folder / f"{name}-masks.txt", "".join(run_lengths(mask) + "\n" for mask in masks).encode())
    scores = run.scores
    print(
        f"{name}: {metadata['resized_height']}x{metadata['resized_width']} in {metadata['padded_height']}x"
        f"{metadata['padded_width']}, {len(box_candidates)} candidates, {len(proposals)} proposals, "
        f"{run.suppressed_from} boxes above the threshold, {len(scores)} detections of "
        f"{len(run.labels.unique())} labels, scores {scores.min():.3f} to {scores.max():.3f}, masks "
        f"{masks.mean((1, 2)).min():.3f} to {masks.mean((1, 2)).max():.3f} of the picture")


def official_keys(variant):
    """The keys of a model that torchvision builds itself."""
    return list(full_model(variant).state_dict())


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--picture", type=pathlib.Path, help="for --full; one of LIMN_DATA by default")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    arguments = parser.parse_args()
    torch.set_num_threads(1 if not arguments.full else os.cpu_count())

    for variant in arguments.variants:
        if not arguments.full:
            picture = synthetic_picture(*((90, 118) if variant == "v1" else (90, 120)))
            model = slim_model(variant)
            if list(model.state_dict()) != official_keys(variant):
                sys.exit(f"make_maskrcnn_slim: the slim {variant} has other keys than {VARIANTS[variant]}")
            weights, run = prepare(model, picture, 2.0, 0.0 if variant == "v1" else 5.0)
            name, folder = f"maskrcnn-slim-{variant}", HERE
            write_whole(folder / f"{name}.txt", weights.text().encode())
        else:
            from PIL import Image

            data = pathlib.Path(os.environ.get("LIMN_DATA", HERE.parents[2].parent / "shared" / "data"))
            photo = arguments.picture or data / "images" / "coco64" / "000000001000.jpg"
            if not photo.exists():
                sys.exit(f"make_maskrcnn_slim: no picture at {photo}; give --picture or set LIMN_DATA")
            image = Image.open(photo).convert("RGB")
            name, folder = VARIANTS[variant], arguments.full
            folder.mkdir(parents=True, exist_ok=True)
            image.save(folder / "picture.png")
            weights, run = prepare(full_model(variant), np.asarray(image).copy(), 3.0, 0.0)
            beside = folder / f"{name}.pth.part"
            torch.save(weights.model.state_dict(), beside)
            beside.replace(folder / f"{name}.pth")
        write_records(folder, name, variant, run, bool(arguments.full))


if __name__ == "__main__":
    main()
