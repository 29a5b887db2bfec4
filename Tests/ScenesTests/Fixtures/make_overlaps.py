#!/usr/bin/env python3
"""Writes overlaps-boxes.jsonl and overlaps-masks.jsonl: what supervision's `Detections.with_nms` and `with_nmm` make of 500
seeded sets of boxes and 500 of masks, a set a line.

Needs supervision (0.31.2 was used). Run it in this folder: python3 make_overlaps.py

A set is drawn as `OverlapTests` draws it again. A line is `[kept, merged]`: the indices that suppression keeps, by falling
score, and for each merged detection, by falling score of its best, the best's index, its score and, where it has several
parts, its box; for masks also the number of pixels.
"""

import json

import numpy
import supervision
from supervision.detection.utils.iou_and_nms import OverlapMetric

from random64 import Random64

WIDTH, HEIGHT = 64, 48


def draw(number, has_masks):
    """The detections of a set, and the rule."""
    random = Random64(number)
    count = 1 + random.below(16)
    # Of a share that is just 0.3 supervision compares 32 bits with 64: such a threshold says nothing.
    rule = dict(
        threshold=[0.25, 0.5, 0.75, 0.31, 0.69][random.below(5)],
        overlap_metric=[OverlapMetric.IOU, OverlapMetric.IOS][random.below(2)],
        class_agnostic=random.below(2) == 1,
    )
    boxes, scores, classes, masks = [], [], [], []
    for index in range(count):
        scale = 1 if has_masks else 4  # quarters of a pixel
        x, y = random.below(WIDTH * scale // 2), random.below(HEIGHT * scale // 2)
        width, height = random.below(WIDTH * scale // 2), random.below(HEIGHT * scale // 2)
        boxes.append([x / scale, y / scale, (x + width) / scale, (y + height) / scale])
        scores.append((random.below(64) * 16 + index) / 1024)  # all different
        classes.append(random.below(2))
        period, phase = 2 + random.below(9), random.below(11)
        rows, columns = numpy.mgrid[:HEIGHT, :WIDTH]
        inside = (columns >= x) & (columns < x + width) & (rows >= y) & (rows < y + height)
        masks.append(inside & ((7 * columns + 13 * rows + phase) % period != 0))
    detections = supervision.Detections(
        xyxy=numpy.array(boxes, numpy.float32),
        confidence=numpy.array(scores, numpy.float32),
        class_id=numpy.array(classes),
        mask=numpy.array(masks) if has_masks else None,
        data={"index": numpy.arange(count)},
    )
    return detections, rule


def number(value):
    return int(value) if value == int(value) else float(value)


def answer(detections, rule):
    kept = detections.with_nms(**rule)
    order = numpy.argsort(-kept.confidence)
    merged = detections.with_nmm(**rule)
    groups = []
    for row in numpy.argsort(-detections.confidence[merged.data["index"]]):
        best = int(merged.data["index"][row])
        group = [best, number(numpy.float64(merged.confidence[row]))]
        if not numpy.array_equal(merged.xyxy[row], detections.xyxy[best]):
            group += [number(edge) for edge in merged.xyxy[row]]
        if merged.mask is not None:
            group.append(int(merged.mask[row].sum()))
        groups.append(group)
    return [kept.data["index"][order].tolist(), groups]


for name, has_masks in (("boxes", False), ("masks", True)):
    with open(f"overlaps-{name}.jsonl", "w") as file:
        for seed in range(500):
            line = answer(*draw(seed + 1000 * has_masks, has_masks))
            print(json.dumps(line, separators=(",", ":")), file=file)
