"""Measures Limn with a weight file on drawn pictures that no training saw: COCO's AP, by pycocotools.

    evaluate.py detect FOLDER ../limn-yolov5.safetensors [--limn limn]
    evaluate.py segment FOLDER ../limn-maskrcnn.safetensors [--limn limn] [-- --min-size 640 --max-size 1000]

FOLDER is what `scenes.py FOLDER --pictures` made. What follows `--` is handed to Limn.
"""

import argparse
import contextlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

LOWEST = {"detect": ["--confidence", "0.001", "--iou", "0.6", "--max-detections", "300",
                     "--multi-label"],
          "segment": ["--confidence", "0.01"]}


def annotate(limn, command, folder, weights, extra):
    """Limn's results on the folder and the seconds they took."""
    with tempfile.TemporaryDirectory() as beside:
        output = pathlib.Path(beside) / "results.json"
        start = time.time()
        subprocess.run([limn, command, str(folder), "-w", str(weights), "-f", "coco-results", "-o", str(output),
                        "--quiet", *LOWEST[command], *extra], check=True)
        return json.loads(output.read_text()), time.time() - start


def scores(truth, results, kind):
    """AP, AP50, AP75; AP50 of each class; AP50 of objects below 32 x 32 pixels, below 96 x 96, and above."""
    with contextlib.redirect_stdout(io.StringIO()):
        run = COCOeval(truth, truth.loadRes([dict(result) for result in results]), kind)
        run.evaluate()
        run.accumulate()
        run.summarize()
    precision = run.eval["precision"][0, :, :, 0, 2]  # at IoU 0.5: recall, class
    names = [truth.cats[k]["name"] for k in run.params.catIds]
    sizes = [float(np.mean(part[part > -1])) for part in (run.eval["precision"][0, :, :, k, 2] for k in (1, 2, 3))]
    return run.stats[:3], {name: float(np.mean(precision[:, k])) for k, name in enumerate(names)}, sizes


def main():
    arguments, extra = sys.argv[1:], []
    if "--" in arguments:
        place = arguments.index("--")
        arguments, extra = arguments[:place], arguments[place + 1 :]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=LOWEST)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("weights", type=pathlib.Path)
    parser.add_argument("--limn", default="limn")
    arguments = parser.parse_args(arguments)

    results, seconds = annotate(arguments.limn, arguments.command, arguments.folder, arguments.weights, extra)
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(arguments.folder / "truth.json"))
    print(f"{len(truth.imgs)} pictures, {len(truth.anns)} objects, {len(results)} results, {seconds:.1f} s")
    for kind in ["bbox"] + (["segm"] if arguments.command == "segment" else []):
        (ap, ap50, ap75), classes, sizes = scores(truth, results, kind)
        print(f"{kind}: AP {ap:.4f}, AP50 {ap50:.4f}, AP75 {ap75:.4f}; AP50 of "
              + ", ".join(f"{name} {value:.3f}" for name, value in classes.items())
              + "; of small, medium, large objects " + ", ".join(f"{value:.3f}" for value in sizes))


if __name__ == "__main__":
    main()
