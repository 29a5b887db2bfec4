#!/usr/bin/env python3
"""Records what torchvision's operators give on edges, beside this script.

Needs torch and torchvision (Debian 12: python3-torchvision; recorded with torch 1.13.1 and torchvision 0.14.1).

Inputs named `u` are not stored: they are the values (next() >> 40) / 2^24 of a SplitMix64 of the seed that is given, in
the order of the shape. Everything is float32; boxes are x1 y1 x2 y2.

`torchvision-operators.safetensors`:

    sizes             rows of height, width, min_size, max_size, resized height, resized width,
                      both 0 where torch refuses because a side would have none
    resize_N          bilinear, [height, width, 3]; the input is u with seed 10 + N, [height, width, 3]; the metadata
                      holds its size, `resize_N` = `HEIGHT WIDTH`
    anchors_pool      the anchors of the last level for an input of 800x1344, [13 * 21 * 3, 4], and
    anchors_p5        those of the level before for an input of 96x160
    decode_boxes, decode_deltas, decode_1, decode_10
                      boxes decoded with the weights 1, 1, 1, 1 and 10, 10, 5, 5
    roi_boxes, roi_levels, roi_7, roi_14
                      regions of a picture of 480x600 in an input of 480x608, their levels from 0, what is pooled to
                      [7, 7, 2] and [14, 14, 2] a region; the four levels are u with seeds 20 ... 23, [height, width, 2]
    paste_boxes       where to paste u with seed 36, [boxes, 28, 28], on a picture of 50x70; the metadata `paste_N` is
                      the compressed COCO run lengths of what is above 0.5

`torchvision-suppression.safetensors`:

    offset_boxes, offset_scores, offset_labels, offset_kept
                      batched_nms at 0.5 of 1000 boxes: on coordinates moved by the label, whose rounding matters here
    loop_boxes, loop_scores, loop_labels, loop_kept
                      the same of 1001 boxes: label by label, on the coordinates themselves

Many of those boxes overlap by one half but for rounding, so they tell whether areas and quotients are computed as
torchvision does: each product, sum and quotient rounded to float32.
"""

import pathlib

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from torchvision.models.detection import roi_heads
from torchvision.models.detection._utils import BoxCoder
from torchvision.models.detection.faster_rcnn import _default_anchorgen
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.transform import GeneralizedRCNNTransform
from torchvision.ops import MultiScaleRoIAlign, boxes as box_operators

from make_maskrcnn_slim import SplitMix64, pixels_first, run_lengths, write_safetensors

HERE = pathlib.Path(__file__).resolve().parent


def uniform(seed, *shape):
    bits = SplitMix64(seed).next(int(np.prod(shape))) >> np.uint64(40)
    return torch.from_numpy((bits.astype(np.float32) * np.float32(2**-24)).reshape(shape))


def channels_first(tensor):
    return torch.movedim(tensor, -1, -3)


def sizes():
    pictures = [(480, 640), (640, 480), (426, 640), (640, 586), (500, 375), (333, 500), (1080, 810), (720, 1280),
                (2448, 3264), (1, 1), (2, 3), (20, 1333), (799, 801), (800, 800), (1333, 800), (1334, 800), (427, 640)]
    rows = []
    for height, width in pictures:
        for small, large in ((800, 1333), (256, 427), (96, 160), (1, 1333)):
            transform = GeneralizedRCNNTransform(small, large, [0] * 3, [1] * 3).eval()
            try:
                resized = transform.resize(torch.zeros(1, height, width))[0].shape[-2:]
            except RuntimeError:  # a side of 0
                resized = (0, 0)
            rows.append((height, width, small, large, *resized))
    return torch.tensor(rows)


def resizes():
    cases = [((5, 7), (11, 13)), ((13, 11), (4, 9)), ((1, 1), (3, 5)), ((3, 1), (8, 4)), ((6, 6), (6, 9)),
             ((2, 9), (1, 1)), ((9, 40), (15, 67)), ((8, 8), (8, 8))]
    tensors, metadata = {}, {}
    for number, (size, target) in enumerate(cases):
        source = channels_first(uniform(10 + number, *size, 3))
        result = F.interpolate(source[None], size=target, mode="bilinear", align_corners=False)[0]
        tensors[f"resize_{number}"] = pixels_first(result)
        metadata[f"resize_{number}"] = "{} {}".format(*size)
    return tensors, metadata


def anchors(height, width, level):
    grids = [(height >> k, width >> k) for k in range(2, 6)]
    grids.append(((grids[-1][0] + 1) // 2, (grids[-1][1] + 1) // 2))
    maps = [torch.zeros(1, 1, *grid) for grid in grids]
    every = _default_anchorgen()(ImageList(torch.zeros(1, 3, height, width), [(height, width)]), maps)[0]
    return every.split([3 * h * w for h, w in grids])[level]


def decoded():
    boxes = torch.tensor([
        [0, 0, 10, 10], [-23, -11, 23, 11], [100.5, 3.25, 108.75, 90], [5, 5, 5, 5], [7, 7, 3, 2], [0, 0, 1333, 800],
    ])
    deltas = torch.tensor([
        [0, 0, 0, 0], [1, -1, 0.5, -0.5], [0.1, 0.3, 4.1, 4.2], [3, -7, 100, -100], [-0.01, 33.3, 4.135166, 4.135167],
    ], dtype=torch.float32)
    pairs = [(box, delta) for box in boxes for delta in deltas]
    boxes, deltas = (torch.stack(column) for column in zip(*pairs))
    decode = lambda weights, scale: BoxCoder(weights).decode(deltas * torch.tensor(scale), [boxes])[:, 0]
    scale = (10.0, 10.0, 5.0, 5.0)
    return {"decode_boxes": boxes, "decode_deltas": deltas, "decode_1": decode((1.0,) * 4, (1.0,) * 4),
            "decode_10": BoxCoder(scale).decode(deltas, [boxes])[:, 0]}


def regions():
    boxes = torch.tensor([
        [0, 0, 600, 480],  # the whole picture
        [0, 0, 112, 112], [10, 20, 121.99, 132], [0, 0, 224, 224], [30, 40, 253.98, 264], [20, 10, 468, 458],
        [20, 10, 467.9, 458],  # 112, 224 and 448 a side, and a little less
        [0, 0, 0.5, 0.5], [599.5, 479.5, 600, 480], [300, 200, 300.001, 440],  # less than a cell
        [590, 3, 600, 477], [2, 470, 598, 480], [123.4, 56.7, 234.5, 345.6], [0, 0, 600, 20], [560.3, 0, 600, 33.3],
        [50, 50, 50, 50],  # no area
    ])
    features = {str(k): channels_first(uniform(20 + k, 120 >> k, 152 >> k, 2))[None] for k in range(4)}
    pooled = {}
    for size in (7, 14):
        pool = MultiScaleRoIAlign(["0", "1", "2", "3"], size, 2)
        pooled[f"roi_{size}"] = pixels_first(pool(features, [boxes], [(480, 600)]))
    return {"roi_boxes": boxes, "roi_levels": pool.map_levels([boxes]), **pooled}


def suppression(name, count):
    """Boxes of which many overlap by very nearly 0.5, with the labels 1, 45 and 90."""
    corner = uniform(40, count, 2) * 700
    size = uniform(41, count, 2) * 60 + 4
    for index in range(1, count, 2):
        corner[index] = corner[index - 1]
        size[index] = size[index - 1] * torch.tensor([1, 0.5])
    boxes = torch.cat([corner, corner + size], 1)
    labels = torch.tensor([1, 45, 90]).repeat_interleave(2).repeat(count)[:count]
    scores = uniform(42, count)
    if name == "offset":
        scores = (scores * 100).floor() / 100  # ties: their order is that of the boxes
    kept = box_operators.batched_nms(boxes, scores, labels, 0.5)
    other = (box_operators._batched_nms_vanilla if name == "offset" else box_operators._batched_nms_coordinate_trick)
    difference = len(set(kept.tolist()) ^ set(other(boxes, scores, labels, 0.5).tolist()))
    print(f"{name}: {len(kept)} of {count} boxes kept, {difference} differ from the other form")
    if difference == 0 or (name == "loop" and len(scores.unique()) < count):
        raise ValueError(f"{name} does not tell the two forms apart, or has ties of undefined order")
    return {f"{name}_boxes": boxes, f"{name}_scores": scores, f"{name}_labels": labels, f"{name}_kept": kept}


def pastes():
    boxes = torch.tensor([
        [0, 0, 70, 50], [10, 5, 38, 33], [10.4, 5.6, 60.1, 47.9], [69.9, 49.9, 70, 50], [0, 0, 0.2, 0.2], [3, 3, 3, 3],
        [65, 0, 70, 50], [0, 48.5, 70, 50], [20.5, 20.5, 21.5, 21.5], [0, 10, 30, 10.9], [33.3, 1.1, 34, 49],
        [12, 12, 39.9, 40],
    ])
    masks = uniform(36, len(boxes), 1, 28, 28)
    pasted = roi_heads.paste_masks_in_image(masks, boxes, (50, 70))[:, 0]
    margin = (pasted - 0.5).abs().min()
    print(f"paste: the probability nearest to 0.5 differs by {margin:.1e}; areas {(pasted > 0.5).sum((1, 2)).tolist()}")
    if margin < 2e-6:
        raise ValueError("a probability is so near to 0.5 that rounding decides; take another seed")
    return {"paste_boxes": boxes}, {
        f"paste_{number}": run_lengths((mask > 0.5).numpy()) for number, mask in enumerate(pasted)}


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    tensors = {"sizes": sizes(), "anchors_pool": anchors(800, 1344, 4), "anchors_p5": anchors(96, 160, 3)}
    metadata = {"torch": torch.__version__, "torchvision": torchvision.__version__}
    for more, described in (resizes(), pastes()):
        tensors.update(more)
        metadata.update(described)
    for more in (decoded(), regions()):
        tensors.update(more)
    write_safetensors(HERE / "torchvision-operators.safetensors", tensors, metadata)
    tensors = {**suppression("offset", 1000), **suppression("loop", 1001)}
    versions = {key: metadata[key] for key in ("torch", "torchvision")}
    write_safetensors(HERE / "torchvision-suppression.safetensors", tensors, versions)


if __name__ == "__main__":
    main()
