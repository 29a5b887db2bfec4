#!/usr/bin/env python3
"""Measures Limn and PyTorch with torchvision on Mask R-CNN, in turns in one run, and writes what was found.

    measure_maskrcnn.py --weights FILE [--picture PHOTO] [--threads 1 2] [--rounds 5] [--limn COMMAND]
                        [--min-size 800] [--max-size 1333] [--engines limn,torchvision] [--max-ratio 0.75]

FILE is a state dict of `maskrcnn_resnet50_fpn` or its `_v2`, told apart by its keys, of any number of classes;
Tests/NetworksTests/Fixtures/make_maskrcnn_slim.py --full writes one of each with seeded weights that give 1000
proposals and 100 masks. Needs requirements-more.txt: torch, torchvision and Pillow.

What is timed is one picture, 8-bit RGB in memory, to boxes, labels, scores and full-size masks: resizing and pasting
are counted, decoding the photograph is not. PyTorch is given its channels-last layout, which is its faster one on CPUs.
`torchvision-bf16` is the same model under autocast to bfloat16.

Before anything is timed, the answers are compared with torchvision's in float32. Engines in float32 on the picture that
is timed: of the detections with a score above 0.1, at least 95 % must be found, with the same label, a score within
0.005, a box within 1 pixel and a mask whose area differs by at most 2 % and 2 pixels; the rest may be ties. Engines in
bfloat16 on the first 8 photographs of --known at --known-sizes, which the weights should know: of the detections above
0.4, at least 80 % must be found, with the same label and an intersection over union of the boxes above 0.5.

The child is asked as measure.py does (README.md), with

    limn-bench maskrcnn --weights FILE --min-size 800 --max-size 1333 --threads N --serve
    check INPUT OUTPUT   the tensor `picture`, [height, width, 3], RGB from 0 to 255, of the safetensors file INPUT; to
                         OUTPUT a row of x1 y1 x2 y2 label score area a detection, area in pixels above 0.5
    run                  the same picture again, from its 8 bits to run lengths; the seconds that took
"""

import argparse
import ctypes
import os
import pathlib
import shlex
import sys
import time

import numpy as np

import detections
from child import Child, EngineError
from turns import ROOT, commit, conditions, document, measure, precision_of, publish, table, worst_ratio

COLUMNS = 7
LOWEST_SCORE, SCORE, PIXELS, AREA, FOUND = 0.1, 0.005, 1.0, 0.02, 0.95
# 8 bits of precision: under autocast PyTorch rounds boxes to whole pixels and more.
SAME_PLACE, FOUND_BFLOAT16 = 0.5, 0.8
KNOWN = 8


class Limn(Child):
    """Limn in a child process."""

    precision = "float32"

    def __init__(self, weights, threads, sizes, command):
        arguments = ["maskrcnn", "--weights", str(weights), "--min-size", str(sizes[0]), "--max-size", str(sizes[1])]
        if self.precision != "float32":
            arguments += ["--precision", self.precision]
        super().__init__(command, [*arguments, "--threads", str(threads)])

    def output(self, picture):
        numbers = self.check({"picture": picture.astype(np.float32)})
        if numbers.size % COLUMNS:
            raise EngineError(f"limn-bench wrote {numbers.size} numbers, not rows of {COLUMNS}")
        return numbers.reshape(-1, COLUMNS)


class LimnBfloat16(Limn):
    precision = "bfloat16"


class Torchvision:
    """PyTorch with torchvision in this process, channels last."""

    precision = "float32"

    def __init__(self, weights, threads, sizes, command=None):
        import torch

        self.torch, self.threads = torch, threads
        self.model = load(torch, weights, sizes)

    def limit(self):
        self.torch.set_num_threads(self.threads)
        limit_openblas(self.threads)

    def infer(self):
        casts = self.torch.autocast("cpu", self.torch.bfloat16, enabled=self.precision == "bfloat16")
        with self.torch.inference_mode(), casts:
            image = self.torch.from_numpy(self.picture).permute(2, 0, 1).float().div(255)
            return self.model([image])[0]

    def output(self, picture):
        self.limit()
        self.picture = np.array(picture)
        found = self.infer()
        area = (found["masks"] > 0.5).sum((1, 2, 3))
        columns = [column.float()[:, None] for column in (found["labels"], found["scores"], area)]
        return self.torch.cat([found["boxes"], *columns], 1).numpy()

    def seconds(self):
        self.limit()
        start = time.perf_counter()
        self.infer()
        return time.perf_counter() - start

    def close(self):
        pass


class TorchvisionBfloat16(Torchvision):
    precision = "bfloat16"


def limit_openblas(threads):
    """Limits OpenBLAS where torch computes with it: its own threads do not follow torch.set_num_threads."""
    with open("/proc/self/maps") as file:
        loaded = {line.split()[-1] for line in file if "libopenblas" in line}
    for path in loaded:
        ctypes.CDLL(path).openblas_set_num_threads(threads)


def load(torch, weights, sizes):
    """The model that a state dict belongs to, in evaluation mode and channels last."""
    from torchvision.models import detection, resnet
    from torchvision.models.detection import _utils, backbone_utils
    from torchvision.ops import FrozenBatchNorm2d

    try:
        state = torch.load(weights, map_location="cpu")
    except Exception as error:  # torch.load raises whatever the pickle does
        raise EngineError(f"torch cannot load {weights}: {error}") from error
    state = {key: value.float() if value.is_floating_point() else value for key, value in state.items()}
    settings = {"min_size": sizes[0], "max_size": sizes[1]}
    try:
        settings["num_classes"] = len(state["roi_heads.box_predictor.cls_score.bias"])
        if "roi_heads.box_head.0.0.weight" in state:
            model = detection.maskrcnn_resnet50_fpn_v2(weights=None, weights_backbone=None, **settings)
        else:
            backbone = resnet.resnet50(weights=None, norm_layer=FrozenBatchNorm2d)
            model = detection.MaskRCNN(backbone_utils._resnet_fpn_extractor(backbone, 5), **settings)
            _utils.overwrite_eps(model, 0.0)  # what torchvision does for its own COCO weights
        model.load_state_dict(state)
    except (KeyError, RuntimeError) as error:
        raise EngineError(f"{weights} is no official Mask R-CNN: {str(error).splitlines()[0]}") from error
    model = model.eval().to(memory_format=torch.channels_last)
    last = lambda _, inputs: (inputs[0].contiguous(memory_format=torch.channels_last),)
    model.backbone.register_forward_pre_hook(last)
    return model


ENGINES = {
    "limn": Limn, "torchvision": Torchvision, "limn-bf16": LimnBfloat16, "torchvision-bf16": TorchvisionBfloat16,
}


def version(name):
    """The versions behind a row of the report; empty for Limn, which is the commit that is measured."""
    if issubclass(ENGINES[name], Limn):
        return ""
    import torch
    import torchvision

    return f"{torchvision.__version__}, torch {torch.__version__}"


def paired(expected, found):
    """How many of the expected detections above the lowest score are among the found ones, and how many there are."""
    wanted = expected[expected[:, 5] > LOWEST_SCORE]
    free = np.ones(len(found), bool)
    count = 0
    for row in wanted:
        near = free & (found[:, 4] == row[4]) & (abs(found[:, 5] - row[5]) <= SCORE)
        near &= (abs(found[:, :4] - row[:4]) <= PIXELS).all(1)
        near &= abs(found[:, 6] - row[6]) <= AREA * row[6] + 2
        if near.any():
            free[np.flatnonzero(near)[0]] = False
            count += 1
    return count, len(wanted)


def check(name, expected, found):
    """A line on how the answers agree; an error when too few do."""
    count, wanted = paired(expected, found)
    line = f"{name}: {count} of {wanted} detections above {LOWEST_SCORE} as torchvision's, {len(found)} in all"
    if not wanted:
        raise EngineError(f"torchvision finds nothing above {LOWEST_SCORE}: there is nothing to compare")
    if count < FOUND * wanted:
        raise EngineError(f"{line}: too few")
    return line


def check_known(name, arguments, threads):
    """The same for an engine in bfloat16, by the objects in photographs that the weights know."""
    paths = detections.photographs(arguments.known)[:KNOWN]
    reference = Torchvision(arguments.weights, threads, arguments.known_sizes)
    engine = ENGINES[name](arguments.weights, threads, arguments.known_sizes, arguments.limn)
    columns = [0, 1, 2, 3, 5, 4]
    total = (0, 0)
    try:
        for path in paths:
            picture = read_picture(path)
            expected, rows = (one.output(picture)[:, columns] for one in (reference, engine))
            total = tuple(np.add(total, detections.found(expected, rows, SAME_PLACE)))
    finally:
        engine.close()
    line = (
        f"{name}: {total[0]} of {total[1]} clear objects of torchvision's in float32 in {len(paths)} photographs at "
        f"{'/'.join(map(str, arguments.known_sizes))}")
    if not total[1] or total[0] < FOUND_BFLOAT16 * total[1]:
        raise EngineError(f"{line}: too few")
    return line


def read_picture(path):
    from PIL import Image, ImageOps

    return np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))


def parse(words=None):
    data = pathlib.Path(os.environ.get("LIMN_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--picture", default=str(data / "images" / "coco64" / "000000001000.jpg"))
    parser.add_argument(
        "--known", default=str(data / "images" / "coco64"), help="a folder whose first photographs the weights know")
    parser.add_argument("--known-sizes", type=int, nargs=2, default=[256, 427], help="the sizes at which they do")
    parser.add_argument("--engines", default="limn,torchvision", help=f"of {', '.join(ENGINES)}")
    parser.add_argument(
        "--limn", default=shlex.quote(str(ROOT / "Benchmarks/.build/release/limn-bench")), help="the command to start")
    parser.add_argument("--min-size", type=int, default=800)
    parser.add_argument("--max-size", type=int, default=1333)
    parser.add_argument("--threads", type=int, nargs="+", default=[2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pause", type=float, default=0.5, help="seconds before each turn")
    parser.add_argument("--max-ratio", type=float, help="fail when Limn's median over another's is larger")
    parser.add_argument(
        "--out", help="the file to write; Benchmarks/results/maskrcnn-CPU-DATE.md if absent, - for none")
    arguments = parser.parse_args(words)
    arguments.engines = arguments.engines.split(",")
    unknown = set(arguments.engines) - set(ENGINES)
    if unknown:
        parser.error(f"unknown engines: {', '.join(sorted(unknown))}")
    if arguments.rounds < 2:
        parser.error("--rounds must be at least 2")
    if not os.path.isdir(arguments.known):
        arguments.known = None
    if not arguments.known and any(precision_of(name) != "float32" for name in arguments.engines):
        parser.error("bfloat16 is compared on photographs that the weights know: give --known")
    for path in (arguments.weights, arguments.picture):
        if not os.path.exists(path):
            parser.error(f"there is no {path}; give --weights and --picture, or set LIMN_DATA")
    return arguments


def run(arguments, picture):
    """The seconds of each engine by number of threads, and the lines on what was compared."""
    sizes = arguments.min_size, arguments.max_size
    samples, checks = {}, []
    for threads in arguments.threads:
        running = {}
        # torchvision's answer is the reference, whether or not it is timed.
        reference = Torchvision(arguments.weights, threads, sizes)
        expected = reference.output(picture)
        for name in arguments.engines:
            if name == "torchvision":
                running[name] = reference
                continue
            running[name] = ENGINES[name](arguments.weights, threads, sizes, arguments.limn)
            output = running[name].output(picture)
            if precision_of(name) == "float32":
                line = check(name, expected, output)
            else:
                line = check_known(name, arguments, threads)
            checks.append(f"{line}, {threads} threads")
            print(checks[-1], file=sys.stderr)
        samples[threads] = measure(running, arguments.rounds, arguments.pause)
        for engine in running.values():
            engine.close()
    return samples, checks


def describe(arguments, picture, load_before):
    height, width = picture.shape[:2]
    return (
        f"Limn {commit()}, weights `{os.path.basename(arguments.weights)}`, a picture of {height}×{width} at "
        f"{arguments.min_size}/{arguments.max_size}, {conditions(arguments.rounds, arguments.pause, load_before)}")


def main():
    arguments = parse()
    load_before = os.getloadavg()[0]
    try:
        picture = read_picture(arguments.picture)
        samples, checks = run(arguments, picture)
    except (EngineError, ImportError, OSError) as error:
        sys.exit(f"measure_maskrcnn: {error}")
    rows = [row for threads in samples for row in table(samples[threads], threads, version)]
    publish(
        document("Mask R-CNN", describe(arguments, picture, load_before), rows, checks), arguments.out, "maskrcnn-")
    worst = max(map(worst_ratio, samples.values()))
    if arguments.max_ratio is not None and worst > arguments.max_ratio:
        sys.exit(f"measure_maskrcnn: Limn takes {worst:.3f} of another engine's time, more than {arguments.max_ratio}")


if __name__ == "__main__":
    main()
