#!/usr/bin/env python3
"""Writes masks.jsonl: seeded masks with what pycocotools says of each, a JSON object a line.

Needs numpy and pycocotools (2.0.11 was used). Run it in this folder: python3 make_masks.py

A bitmap of `bitmap_width` x `bitmap_height` lies at (x, y) in a picture of width x height, empty elsewhere; `bitmap` holds its
bits, row by row without gaps, highest first, as hexadecimal digits.
"""

import json

import numpy
from pycocotools import mask as coco


def bitmap(random, kind, height, width):
    rows, columns = numpy.mgrid[:height, :width]
    if kind == "empty":
        return numpy.zeros((height, width), bool)
    if kind == "full":
        return numpy.ones((height, width), bool)
    if kind == "checkerboard":
        size = random.integers(1, 4)
        return (rows // size + columns // size + random.integers(2)) % 2 == 0
    if kind == "stripes":
        return (rows if random.random() < 0.5 else columns) // random.integers(1, 4) % 2 == random.integers(2)
    if kind == "frames":
        distance = numpy.minimum.reduce([rows, columns, height - 1 - rows, width - 1 - columns])
        return distance // random.integers(1, 4) % 2 == 0
    if kind == "noise":
        return random.random((height, width)) < random.choice([0.01, 0.1, 0.5, 0.9, 0.99])
    if kind == "pixels":
        found = numpy.zeros((height, width), bool)
        for _ in range(random.integers(1, 4)):
            found[random.integers(height), random.integers(width)] = True
        return found
    found = numpy.zeros((height, width), bool)
    for _ in range(random.integers(1, 6)):  # blobs: ellipses added and cut out
        y, x = random.random() * height, random.random() * width
        ry, rx = 0.5 + random.random() * height / 2, 0.5 + random.random() * width / 2
        inside = ((rows - y) / ry) ** 2 + ((columns - x) / rx) ** 2 < 1
        found = found & ~inside if random.random() < 0.3 else found | inside
    return found


def samples(count, seed, largest):
    """Yields (bits of the whole picture, x, y, bitmap)."""
    random = numpy.random.default_rng(seed)
    kinds = ["empty", "full", "checkerboard", "stripes", "frames", "noise", "pixels", "blobs", "blobs", "noise"]
    for index in range(count):
        limit = [4, max(largest // 4, 4), largest][index % 3]
        height, width = random.integers(1, limit + 1, 2)
        if index % 11 == 3:
            height = 1
        elif index % 11 == 7:
            width = 1
        left, top, right, bottom = random.integers(0, 9, 4) * (random.random(4) < 0.6)
        bits = bitmap(random, kinds[index % len(kinds)], height, width)
        picture = numpy.zeros((top + height + bottom, left + width + right), numpy.uint8)
        picture[top : top + height, left : left + width] = bits
        yield picture, int(left), int(top), bits


def write(file, count, seed, largest):
    for picture, x, y, bits in samples(count, seed, largest):
        encoded = coco.encode(numpy.asfortranarray(picture))
        line = {
            "width": picture.shape[1], "height": picture.shape[0], "x": x, "y": y, "bitmap_width": bits.shape[1],
            "bitmap_height": bits.shape[0], "bitmap": numpy.packbits(bits).tobytes().hex(), "rle": encoded["counts"].decode(),
            "area": int(coco.area(encoded)), "box": [int(v) for v in coco.toBbox(encoded)],
        }
        file.write(json.dumps(line, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    with open("masks.jsonl", "w") as output:
        write(output, 400, 7, 20)
