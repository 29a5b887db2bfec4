#!/usr/bin/env python3
"""Compares what `limn segment -f json` wrote with recorded detections of torchvision's Mask R-CNN.

    limn segment -w maskrcnn_resnet50_fpn_v2_overfit8_fp16.pth --min-size 256 --max-size 427 -o found.json IMAGES
    compare_maskrcnn.py found.json [--setting min256_max427] [--refs FOLDER] [--classes COCO.json] [--verbose]
    compare_maskrcnn.py --self-test

FOLDER (by default refs/maskrcnn of LIMN_DATA) holds reference_torchvision_*.json, per setting and picture the boxes,
labels, scores and mask areas, and masks_packbits.npz, their masks. Pictures are found by file name; COCO.json, whose
categories name the labels, is images/coco64/boxes.json of the same data by default.

Every reference detection with a score above 0.1 is to be paired with one that was found: the same label, a score
within 0.005, a box within 1 pixel, a mask of an IoU of at least 0.99. One without a pair is explained where
rounding can change what is kept, and the reason is reported with its numbers:

    limit        its score is within the tolerance of the last score of a picture that is full (100 detections)
    suppression  its IoU with a higher one of its label is within 0.005 of the threshold 0.5, or a found one of its
                 label suppresses it that was on the threshold itself

Ties among the proposals cannot be seen here: what they change counts as not explained, with the nearest that was found.
The exit code is 0 when all are paired or explained, 1 when not, 2 when the files cannot be compared. Needs pycocotools.
"""

import argparse
import contextlib
import io
import json
import os
import pathlib
import sys

import numpy as np
from pycocotools import mask as run_length

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOWEST_SCORE, SCORE, PIXELS, MASK_IOU = 0.1, 0.005, 1.0, 0.99
SUPPRESSION, NEAR, LIMIT = 0.5, 0.005, 100


class ComparisonError(Exception):
    """Files that cannot be compared."""


def overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    area = lambda box: (box[2] - box[0]) * (box[3] - box[1])
    return width * height / (area(a) + area(b) - width * height)


def mask_iou(found, mask, size):
    if tuple(found["size"]) != size:
        raise ComparisonError(f"a mask of size {found['size']} on a picture of {list(size)}")
    decoded = run_length.decode({"size": list(size), "counts": found["counts"].encode()}).astype(bool)
    union = np.logical_or(decoded, mask).sum()
    return 1.0 if union == 0 else np.logical_and(decoded, mask).sum() / union


def differences(expected, found):
    """How far a found detection of the same label is from a reference: in score, and in pixels."""
    return abs(expected["score"] - found["score"]), max(abs(a - b) for a, b in zip(expected["box"], found["box"]))


def explain(expected, references, found):
    """Why rounding may have lost this detection, or nothing."""
    score, box = expected["score"], expected["box"]
    if len(found) >= LIMIT and score <= min(d["score"] for d in found) + SCORE:
        return f"limit: the last of {LIMIT} scores {min(d['score'] for d in found):.4f}"
    same = [d for d in references if d is not expected and d["label"] == expected["label"]]
    for other in same:
        iou = overlap(box, other["box"])
        if other["score"] >= score - SCORE and abs(iou - SUPPRESSION) <= NEAR:
            return f"suppression: IoU {iou:.4f} with the one of score {other['score']:.4f}"
    for rival in (d for d in found if d["label"] == expected["label"]):
        iou = overlap(box, rival["box"])
        if iou <= SUPPRESSION or rival["score"] < score - SCORE:
            continue
        for other in same:
            tie = overlap(rival["box"], other["box"])
            if other["score"] >= rival["score"] - SCORE and abs(tie - SUPPRESSION) <= NEAR:
                return f"suppression: by one of IoU {iou:.4f}, whose own IoU with a higher one is {tie:.4f}"
    return None


def pair(references, masks, found, size):
    """Pairs the references, best first; gives (the number paired, the worst figures, [(reference, reason or None)])."""
    free, lost, paired = list(range(len(found))), [], 0
    worst = {"score": 0.0, "pixels": 0.0, "iou": 1.0}
    for expected, mask in zip(references, masks):
        if expected["score"] <= LOWEST_SCORE:
            continue
        near = []
        for index in free:
            if found[index]["label"] != expected["label"]:
                continue
            score, pixels = differences(expected, found[index])
            if score <= SCORE and pixels <= PIXELS:
                near.append((pixels, score, index))
        failed = None
        for pixels, score, index in sorted(near):
            iou = mask_iou(found[index]["mask"], mask, size)
            if iou >= MASK_IOU:
                free.remove(index)
                paired += 1
                worst = {"score": max(worst["score"], score), "pixels": max(worst["pixels"], pixels),
                         "iou": min(worst["iou"], iou)}
                break
            failed = iou
        else:
            # A detection whose box and score are right but whose mask is not is never excused.
            reason = None if failed is not None else explain(expected, references, found)
            lost.append((expected, reason, failed))
    return paired, worst, lost


def read_found(path, names):
    """The pictures of a `json` document by file name, labels as torchvision's numbers."""
    with open(path) as file:
        document = json.load(file)
    numbers = {name: number for number, name in names.items()}
    pictures = {}
    for picture in document:
        detections = []
        for detection in picture["detections"]:
            if "mask" not in detection:
                raise ComparisonError(f"{path}: a detection of {picture['image']} has no mask")
            # The holes in COCO's numbers have no name of their own: they are compared by number.
            number = numbers.get(detection["label"], detection["class_id"])
            detections.append({**detection, "label": number})
        name = os.path.basename(picture["image"])
        if name in pictures:
            raise ComparisonError(f"{path} has two pictures named {name}")
        pictures[name] = {**picture, "detections": detections}
    return pictures


def read_references(folder, setting):
    """{file name: (detections, packed masks)} of a setting."""
    files = sorted(folder.glob("reference_torchvision_*.json"))
    if not files:
        raise ComparisonError(f"{folder} has no reference_torchvision_*.json")
    with open(files[-1]) as file:
        settings = json.load(file)
    if setting not in settings:
        raise ComparisonError(f"{files[-1]} has no setting {setting}, only {', '.join(settings)}")
    packed = np.load(folder / "masks_packbits.npz")
    prefix = setting.split("_")[0].removeprefix("min")
    return {
        os.path.basename(name): (detections, packed[f"{prefix}_{pathlib.Path(name).stem}"])
        for name, detections in settings[setting].items()
    }


def unpack(packed, count, size, name):
    bits = np.unpackbits(packed)
    needed = count * size[0] * size[1]
    if not needed <= bits.size < needed + 8:
        raise ComparisonError(f"{name}: {bits.size} mask bits for {count} masks of {size[0]}x{size[1]}")
    return bits[:needed].reshape(count, *size).astype(bool)


def compare(found, references, verbose=False):
    """Prints a line a picture and a line a detection without a pair; True when all are paired or explained."""
    missing = sorted(set(references) - set(found))
    if missing:
        raise ComparisonError(f"no result for {', '.join(missing)}")
    total = explained = unexplained = 0
    worst = {"score": 0.0, "pixels": 0.0, "iou": 1.0}
    for name, (detections, packed) in references.items():
        picture = found[name]
        size = picture["height"], picture["width"]
        masks = unpack(packed, len(detections), size, name)
        for detection, mask in zip(detections, masks):
            if int(mask.sum()) != detection["mask_area"]:
                raise ComparisonError(f"{name}: a mask of {mask.sum()} pixels, recorded {detection['mask_area']}")
        paired, figures, lost = pair(detections, masks, picture["detections"], size)
        total += paired
        worst = {"score": max(worst["score"], figures["score"]), "pixels": max(worst["pixels"], figures["pixels"]),
                 "iou": min(worst["iou"], figures["iou"])}
        if lost or verbose:
            print(f"{name}: {paired} paired, {len(lost)} not; {len(picture['detections'])} found, "
                  f"{len(detections)} recorded")
        for expected, reason, iou in lost:
            explained += reason is not None
            unexplained += reason is None
            if iou is not None:
                reason = f"NOT EXPLAINED: its mask has an IoU of {iou:.4f}"
            elif reason is None:
                reason = f"NOT EXPLAINED{nearest(expected, picture['detections'])}"
            print(f"  label {expected['label']} score {expected['score']:.4f} box {expected['box']}: {reason}")
    print(f"{total} paired (score within {worst['score']:.4f}, box within {worst['pixels']:.3f} pixel, mask IoU at "
          f"least {worst['iou']:.4f}), {explained} explained, {unexplained} not explained")
    return unexplained == 0


def nearest(expected, found):
    same = [d for d in found if d["label"] == expected["label"]]
    if not same:
        return ": nothing of its label"
    best = max(same, key=lambda d: overlap(expected["box"], d["box"]))
    score, pixels = differences(expected, best)
    return f": the nearest differs by {score:.4f} in score and {pixels:.2f} pixels"


def self_test():
    """What must be paired is, what must be explained is, and each thing that can be wrong is noticed."""
    size = 60, 80

    def detection(label, score, box, **more):
        mask = np.zeros(size, np.uint8)
        x1, y1, x2, y2 = (round(v) for v in box)
        mask[y1:y2, x1:x2] = 1
        counts = run_length.encode(np.asfortranarray(mask))["counts"].decode()
        return {"label": label, "score": score, "box": list(map(float, box)),
                "mask": {"size": list(size), "counts": counts}, "mask_area": int(mask.sum()), **more}

    def run(recorded, found):
        masks = [run_length.decode({"size": list(size), "counts": d["mask"]["counts"].encode()}) for d in recorded]
        packed = np.packbits(np.array(masks, np.uint8).ravel()) if masks else np.zeros(0, np.uint8)
        picture = {"height": size[0], "width": size[1], "detections": found}
        return compare({"a.jpg": picture}, {"a.jpg": (recorded, packed)})

    base = [detection(1, 0.9, (10, 10, 50, 50)), detection(2, 0.3, (0, 0, 30, 20)), detection(3, 0.08, (5, 5, 9, 9))]
    moved = lambda dx, ds: {**base[0], "box": [v + dx for v in base[0]["box"]], "score": 0.9 + ds}
    wrong_mask = {**base[0], "mask": detection(1, 0.9, (10, 10, 50, 49))["mask"]}
    tie = detection(1, 0.8, (10, 10, 50, 30.1))  # IoU 0.5025 with the first
    clear = detection(1, 0.8, (10, 10, 50, 20))
    other = detection(1, 0.8, (60, 10, 75, 50))
    rival = detection(1, 0.85, (10, 10, 50, 30.1))
    lower = detection(1, 0.7, (10, 12, 50, 31))
    full = [detection(4, 0.31, (1, 1, 3, 3)) for _ in range(98)]
    expectations = [
        ("the same", base, base, True),
        ("the lowest score does not count", base, base[:2], True),
        ("in another order", base, base[::-1], True),
        ("within the tolerances", base, [moved(0.9, 0.004), *base[1:]], True),
        ("a box too far", base, [moved(1.1, 0), *base[1:]], False),
        ("a score too far", base, [moved(0, -0.006), *base[1:]], False),
        ("another label", base, [{**base[0], "label": 9}, *base[1:]], False),
        ("a mask of an IoU of 0.975", base, [wrong_mask, *base[1:]], False),
        ("lost", base, base[1:], False),
        ("one for two", [base[0], dict(base[0])], [base[0]], False),
        ("a tie of the suppression", [*base, tie], base, True),
        ("suppressed by one that was on the threshold", [*base, lower], [*base, rival], True),
        ("a rival that nothing could have suppressed", base[1:] + [lower], [*base[1:], rival], False),
        ("no tie of the suppression", [*base, clear], base, False),
        ("no overlap", [*base, other], base, False),
        ("cut by the limit", base, [base[0], *full, full[0]], True),
        ("cut though below the limit", base, [base[0], *full], False),
        ("nothing recorded", [], [], True),
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        wrong = [name for name, recorded, found, expected in expectations if run(recorded, found) != expected]
    for name in wrong:
        print(f"self-test: wrong on '{name}'", file=sys.stderr)
    return 1 if wrong else 0


def main():
    data = pathlib.Path(os.environ.get("LIMN_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("found", nargs="?")
    parser.add_argument("--setting", default="min256_max427")
    parser.add_argument("--refs", type=pathlib.Path, default=data / "refs" / "maskrcnn")
    parser.add_argument("--classes", type=pathlib.Path, default=data / "images" / "coco64" / "boxes.json")
    parser.add_argument("--verbose", action="store_true", help="a line a picture even where all are paired")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    if not arguments.found:
        parser.error("give the file that limn wrote, or --self-test")
    try:
        with open(arguments.classes) as file:
            names = {category["id"]: category["name"] for category in json.load(file)["categories"]}
        found = read_found(arguments.found, names)
        agrees = compare(found, read_references(arguments.refs, arguments.setting), arguments.verbose)
    except (ComparisonError, OSError, ValueError, KeyError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else error
        print(f"compare_maskrcnn: {reason}", file=sys.stderr)
        return 2
    return 0 if agrees else 1


if __name__ == "__main__":
    sys.exit(main())
