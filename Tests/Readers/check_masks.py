#!/usr/bin/env python3
"""Compares Limn's masks with pycocotools on thousands of seeded ones: run lengths byte for byte, and polygons.

    check_masks.py make out/masks [--count 10000] [--seed 1] [--largest 240]
    LIMN_MASK_SAMPLES=out/masks swift test --filter MaskFixture
    check_masks.py check out/masks

`make` writes masks.jsonl, the tests read it and write found.jsonl, `check` compares. Needs numpy and pycocotools.
"""

import argparse
import json
import pathlib
import sys

import numpy
from pycocotools import mask as coco

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "ScenesTests/Fixtures"))
import make_masks  # noqa: E402


def filled(polygons, height, width):
    """The pixels inside any of the polygons, as pycocotools fills them."""
    if not polygons:
        return numpy.zeros((height, width), numpy.uint8)
    return coco.decode(coco.merge(coco.frPyObjects(polygons, height, width)))


def check(folder):
    samples = (folder / "masks.jsonl").read_text().splitlines()
    found = (folder / "found.jsonl").read_text().splitlines()
    assert len(samples) == len(found), f"{len(samples)} masks, {len(found)} answers"
    with_holes = corners = 0
    for number, (sample, answer) in enumerate(zip(map(json.loads, samples), map(json.loads, found))):
        height, width = sample["height"], sample["width"]
        assert answer["rle"] == sample["rle"], f"mask {number}: {answer['rle']}, expected {sample['rle']}"
        truth = coco.decode({"size": [height, width], "counts": sample["rle"]})
        assert answer["area"] == int(truth.sum()) == sample["area"], f"mask {number}: area {answer['area']}"
        assert answer.get("box") == (sample["box"] if truth.any() else None), f"mask {number}: box {answer}"
        crossings = numpy.zeros((height + 1, width), int)
        for polygon in answer["outlines"] + answer["holes"]:
            points = numpy.array(polygon).reshape(-1, 2)
            sides = numpy.diff(numpy.vstack([points, points[:1]]), axis=0)
            assert ((sides == 0).sum(axis=1) == 1).all(), f"mask {number}: a side is not along pixels"
            assert ((sides[:, 0] == 0) != (numpy.roll(sides, 1, axis=0)[:, 0] == 0)).all(), f"mask {number}: a line"
            for (x, y), (dx, dy) in zip(points, sides):
                crossings[y, min(x, x + dx) : max(x, x + dx)] += 1
            corners += len(points)
        assert (crossings.cumsum(axis=0)[:height] % 2 == truth).all(), f"mask {number}: outlines and holes do not give the mask"
        if answer["holes"]:
            with_holes += 1
        else:
            assert (filled(answer["outlines"], height, width) == truth).all(), f"mask {number}: polygons"
        joined = [answer["joined"]] if answer["joined"] else []
        assert (filled(joined, height, width) == truth).all(), f"mask {number}: the joined polygon"
    print(f"{len(samples)} masks agree with pycocotools: run lengths, areas, boxes and polygons; "
          f"{with_holes} with holes, {corners} corners")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["make", "check"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--largest", type=int, default=240)
    arguments = parser.parse_args()
    if arguments.step == "make":
        arguments.folder.mkdir(parents=True, exist_ok=True)
        with open(arguments.folder / "masks.jsonl", "w") as output:
            make_masks.write(output, arguments.count, arguments.seed, arguments.largest)
    else:
        try:
            check(arguments.folder)
        except AssertionError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
