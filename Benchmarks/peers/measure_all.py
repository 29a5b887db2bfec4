#!/usr/bin/env python3
"""Measures everything that Limn claims of its speed in one run: a table of ratios, the rows behind it, and a chart.

    measure_all.py [--weights FILE] [--maskrcnn-weights FILE] [--int8-weights FILE] [--photographs FOLDER]
                   [--rounds 20] [--maskrcnn-rounds 5] [--pipeline-rounds 5] [--out FILE] [--chart FILE]

YOLOv5 at 640×640 on 1 and 2 threads against every engine and precision, Mask R-CNN on a photograph of 480×640 at
800/1333 on 2 threads, and `limn detect` on the folder of photographs. Needs requirements-more.txt, the commands
.build/release/limn and Benchmarks/.build/release/limn-bench, and the data; `make bench-all` builds both first. Weights
for int8 are calibrated on the folder where none are given. Every engine's answers are compared before it is timed.
"""

import argparse
import datetime
import importlib.metadata
import os
import pathlib
import re
import shlex
import statistics
import subprocess
import sys

import chart
import checkpoint
import detections
import engines
import measure
import measure_maskrcnn
from turns import HEAD, ROOT, commit, cpu, precision_of, ratio_of, table, write_whole

PACKAGES = ("numpy", "onnx", "onnxruntime", "openvino", "nncf", "ncnn", "opencv-python-headless", "torch", "torchvision")


def targets(yolov5, maskrcnn, pipeline):
    """Rows of work, what it is compared with, threads, ratio of medians, the most that is asked, and the aim."""
    rows = []
    for threads in sorted(yolov5):
        samples = yolov5[threads]
        peers = [name for name in samples if precision_of(name) == "float32" and name != "limn"]
        if "limn" in samples and peers:
            fastest = min(peers, key=lambda name: statistics.median(samples[name]))
            rows.append(("YOLOv5s, float32", f"{fastest}, the fastest in float32", threads,
                         ratio_of(samples, "limn", fastest), 0.80, 0.70))
        for ours, theirs, most, aim in (
            ("limn-bf16", "openvino-bf16", 0.90, 0.80), ("limn-int8", "openvino-int8", 0.65, 0.50),
        ):
            title = f"YOLOv5s, {precision_of(ours)}"
            rows.append((title, theirs, threads, ratio_of(samples, ours, theirs), most, aim))
    for threads, samples in maskrcnn.items():
        for ours, theirs, most, aim in (
            ("limn", "torchvision", 0.38, 0.30), ("limn-bf16", "torchvision", 0.25, 0.17),
            ("limn-bf16", "torchvision-bf16", None, None),
        ):
            title = f"Mask R-CNN v2, {precision_of(ours)}"
            rows.append((title, theirs, threads, ratio_of(samples, ours, theirs), most, aim))
    if pipeline:
        rows.append(("a folder of photographs to COCO", "the sum of its inferences", 2, pipeline, 1.10, 1.03))
    for name in ("limn", "limn-bf16", "limn-int8"):
        if all(name in yolov5.get(threads, {}) for threads in (1, 2)):
            scaling = statistics.median(yolov5[2][name]) / statistics.median(yolov5[1][name])
            rows.append((f"YOLOv5s, {precision_of(name)}, 2 threads", "1 thread", 2, scaling, 0.55, 0.52))
    return [row for row in rows if row[3]]


def run_pipeline(arguments):
    """What limn-bench pipeline printed, and the ratio in it."""
    command = [
        arguments.bench, "pipeline", arguments.photographs, "--weights", arguments.weights, "--limn", arguments.limn,
        "--threads", "2", "--rounds", str(arguments.pipeline_rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ratio = re.search(r"median of the rounds' ratios +([\d.]+)", done.stdout)
    if done.returncode or not ratio:
        raise engines.EngineError(f"limn-bench pipeline failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip(), float(ratio[1])


def calibrate(arguments):
    """The weights of int8, calibrated on the photographs."""
    path = ROOT / ".build" / "peers-int8" / f"{pathlib.Path(arguments.weights).stem}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [arguments.limn, "weights", "quantize", arguments.weights, "--images", arguments.photographs, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise engines.EngineError(f"limn weights quantize failed: {done.stderr.strip()}")
    return str(path)


def groups(yolov5, maskrcnn):
    """What the chart shows: medians by network and precision on the most threads."""
    found = []
    for title, samples in (("YOLOv5s, 640×640", yolov5), ("Mask R-CNN v2, a photograph at 800/1333", maskrcnn)):
        if not samples:
            continue
        threads = max(samples)
        for precision in ("float32", "bfloat16", "int8"):
            bars = [(name, 1e3 * statistics.median(values)) for name, values in samples[threads].items()
                    if precision_of(name) == precision]
            if bars:
                found.append((f"{title}, {precision}, {threads} threads", bars))
    return found


def report(arguments, yolov5, maskrcnn, pipeline, ratio, checks, load):
    limits = [(f"{most:.2f}" if most else "", f"{aim:.2f}" if aim else "") for *_, most, aim in
              targets(yolov5, maskrcnn, ratio)]
    lines = [
        f"# Speed: {cpu()[0]}, {datetime.date.today()}", "",
        f"{cpu()[1]}, load {load:.2f} before. Limn {commit()}. Medians of alternating runs; "
        f"{arguments.rounds} rounds of YOLOv5, {arguments.maskrcnn_rounds} of Mask R-CNN, {arguments.pipeline_rounds} "
        "of the folder.", "",
        "Python " + sys.version.split()[0] + ", " + ", ".join(
            f"{name} {importlib.metadata.version(name)}" for name in PACKAGES) + ".", "",
        f"Reproduce: `make bench-all`; weights `{os.path.basename(arguments.weights)}` and "
        f"`{os.path.basename(arguments.maskrcnn_weights or 'none')}`.", "",
        "| Work | compared with | threads | relative time | limit | goal |", "|---|---|---|---|---|---|",
        *(f"| {work} | {against} | {threads} | {value:.3f} | {most} | {aim} |".replace("  |", " |")
          for (work, against, threads, value, *_), (most, aim) in
          zip(targets(yolov5, maskrcnn, ratio), limits, strict=True)),
    ]
    head = ["", *HEAD]
    lines += ["", f"## YOLOv5, {arguments.size}×{arguments.size}", *head]
    lines += [row for threads in yolov5 for row in table(yolov5[threads], threads, engines.version)]
    if maskrcnn:
        lines += ["", "## Mask R-CNN", *head]
        lines += [row for threads in maskrcnn for row in table(maskrcnn[threads], threads, measure_maskrcnn.version)]
    lines += ["", "## A folder to COCO", "", "```", pipeline, "```"]
    lines += ["", "## Answers compared before timing", "", *(f"- {line}" for line in checks), ""]
    return "\n".join(lines)


def parse(words=None):
    data = pathlib.Path(os.environ.get("LIMN_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", default=str(data / "weights" / "yolov5s-widened.pt"))
    parser.add_argument(
        "--maskrcnn-weights", default=str(data / "weights" / "maskrcnn_resnet50_fpn_v2_overfit8_fp16.pth"),
        help="- leaves Mask R-CNN out")
    parser.add_argument("--int8-weights", help="what limn weights quantize wrote; calibrated here if absent")
    parser.add_argument("--photographs", default=str(data / "images" / "coco64"))
    parser.add_argument("--picture", help="for Mask R-CNN; the photograph of 480×640 that measure_maskrcnn.py takes")
    parser.add_argument("--engines", default="all", help=f"for YOLOv5: all, or of {', '.join(engines.ENGINES)}")
    parser.add_argument("--limn", default=str(ROOT / ".build/release/limn"))
    parser.add_argument("--bench", default=str(ROOT / "Benchmarks/.build/release/limn-bench"))
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--size", type=int, default=640)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--maskrcnn-rounds", type=int, default=5)
    parser.add_argument("--pipeline-rounds", type=int, default=5)
    parser.add_argument("--pause", type=float, default=0.1, help="seconds before each turn")
    parser.add_argument("--out", help="the report; Benchmarks/results/speed-CPU-DATE.md if absent")
    parser.add_argument("--chart", default=str(ROOT / "Docs" / "images" / "speed.svg"))
    arguments = parser.parse_args(words)
    if arguments.maskrcnn_weights == "-":
        arguments.maskrcnn_weights = None
    for path in (arguments.weights, arguments.maskrcnn_weights, arguments.photographs, arguments.limn, arguments.bench):
        if path and not os.path.exists(path):
            parser.error(f"there is no {path}")
    if not detections.photographs(arguments.photographs):
        parser.error(f"there are no pictures in {arguments.photographs}")
    return arguments


def main():
    arguments = parse()
    load = os.getloadavg()[0]
    try:
        int8 = arguments.int8_weights or calibrate(arguments)
        threads = [str(count) for count in arguments.threads]
        common = ["--limn", shlex.quote(arguments.bench), "--pause", str(arguments.pause)]
        settings = measure.parse([
            "--weights", arguments.weights, "--int8-weights", int8, "--photographs", arguments.photographs,
            "--engines", arguments.engines, "--threads", *threads, "--rounds", str(arguments.rounds),
            "--size", str(arguments.size), *common])
        yolov5, checks = measure.run(settings)
        maskrcnn = {}
        if arguments.maskrcnn_weights:
            words = ["--weights", arguments.maskrcnn_weights, "--engines", ",".join(measure_maskrcnn.ENGINES)]
            words += ["--picture", arguments.picture] if arguments.picture else []
            settings = measure_maskrcnn.parse([*words, "--rounds", str(arguments.maskrcnn_rounds), *common])
            maskrcnn, more = measure_maskrcnn.run(settings, measure_maskrcnn.read_picture(settings.picture))
            checks += more
        pipeline, ratio = run_pipeline(arguments)
    except (checkpoint.CheckpointError, engines.EngineError, ImportError, OSError) as error:
        sys.exit(f"measure_all: {error}")
    text = report(arguments, yolov5, maskrcnn, pipeline, ratio, checks, load)
    print(text)
    slug = re.sub(r"[^a-z0-9]+", "-", cpu()[0].lower()).strip("-")
    default = ROOT / "Benchmarks" / "results" / f"speed-{slug}-{datetime.date.today()}.md"
    write_whole(pathlib.Path(arguments.out or default), text)
    write_whole(pathlib.Path(arguments.chart), chart.draw(groups(yolov5, maskrcnn)))


if __name__ == "__main__":
    main()
