#!/usr/bin/env python3
"""Evaluates a file written by `limn detect -f coco-results` with pycocotools, and prints AP, AP50 and AP75.

    evaluate_coco.py TRUTH.json RESULTS.json [--expect AP AP50 AP75] [--tolerance 0.002] [--masks]

TRUTH is in COCO format. The exit code is 1 when a value differs from the expected one by more than the tolerance,
2 when a file cannot be evaluated. Needs pycocotools (tried with 2.0.11).
"""

import argparse
import contextlib
import io
import json
import sys

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


class EvaluationError(Exception):
    """A pair of files that cannot be evaluated."""


def evaluate(truth_path, results_path, kind="bbox"):
    """The twelve figures of COCO: AP, AP50, AP75, ..., over all images of the truth."""
    with open(results_path) as file:
        results = json.load(file)
    if not isinstance(results, list):
        raise EvaluationError(f"{results_path} holds a {type(results).__name__}, not a list of results")
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(truth_path)
    images, categories = set(truth.getImgIds()), set(truth.getCatIds())
    for result in results:
        if result["image_id"] not in images:
            raise EvaluationError(f"{results_path}: image {result['image_id']} is not in {truth_path}")
        if result["category_id"] not in categories:
            raise EvaluationError(f"{results_path}: category {result['category_id']} is not in {truth_path}")
    if not results:  # loadRes cannot load an empty list
        return np.zeros(12)
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(truth, truth.loadRes(results), kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth")
    parser.add_argument("results")
    parser.add_argument("--expect", type=float, nargs=3, metavar=("AP", "AP50", "AP75"))
    parser.add_argument("--tolerance", type=float, default=0.002)
    parser.add_argument("--masks", action="store_true", help="evaluate segmentations instead of boxes")
    arguments = parser.parse_args()
    try:
        found = evaluate(arguments.truth, arguments.results, "segm" if arguments.masks else "bbox")[:3]
    except (EvaluationError, OSError, ValueError, KeyError) as error:
        reason = f"a result without {error}" if isinstance(error, KeyError) else error
        print(f"evaluate_coco: {reason}", file=sys.stderr)
        return 2
    print("AP {:.4f}  AP50 {:.4f}  AP75 {:.4f}".format(*found))
    if arguments.expect is None:
        return 0
    wrong = False
    for name, value, expected in zip(("AP", "AP50", "AP75"), found, arguments.expect):
        if not abs(value - expected) <= arguments.tolerance:
            print(f"{name} is {value:.4f}, expected {expected:.4f} within {arguments.tolerance}", file=sys.stderr)
            wrong = True
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
