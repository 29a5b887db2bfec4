#!/usr/bin/env python3
"""Measures Limn and other engines on one network, in turns in one run, and writes what was found.

    measure.py [--weights FILE] [--engines limn,onnxruntime] [--threads 1 2] [--rounds 20] [--size 640]

Before anything is timed, every engine in float32 answers the same picture, and so the recorded input where there is
one, and every engine in bfloat16 or int8 finds the objects of photographs; an engine that differs from the reference by
more than the tolerance is not timed, and the run fails. Then the engines take turns: a turn is a
pause, one inference that is not counted, and one that is. Each round starts with another engine.
"""

import argparse
import os
import pathlib
import shlex
import sys

import numpy as np

import checkpoint
import detections
import engines
import export_onnx
from turns import ROOT, commit, conditions, document, measure, publish, table, worst_ratio

TOLERANCE = 1e-3
PHOTOGRAPHS = 16


def synthetic_picture(height, width):
    """A picture [3, height, width] of random blocks: the same on every machine, with edges and flat parts."""
    blocks = np.random.default_rng(1).random((3, height // 16, width // 16), np.float32)
    return blocks.repeat(16, 1).repeat(16, 2)


def check(name, weights, threads, options, arguments):
    """Compares an engine's answers with the recorded output and with ONNX Runtime's; returns a line to print."""
    if engines.precision(name) != "float32":
        return check_detections(name, weights, threads, options, arguments)
    cases = [("a synthetic picture", synthetic_picture(arguments.size, arguments.size), None)]
    if arguments.recorded:
        tensors, _ = checkpoint.read_safetensors_file(arguments.recorded)
        cases.append(
            (os.path.basename(arguments.recorded), tensors["input"][0].astype(np.float32), tensors["output"][0]))
    found = []
    for title, picture, expected in cases:
        height, width = picture.shape[1:]
        if expected is None:
            expected = engines.OnnxRuntime(weights, height, width, threads).output(picture)
        engine = engines.ENGINES[name](weights, height, width, threads, **options)
        try:
            output = engine.output(picture)
        finally:
            engine.close()
        if output.size != expected.size:
            raise engines.EngineError(f"{name} gives {output.size} values for {title}, expected {expected.size}")
        _, relative, scores = export_onnx.differences(output, expected)
        if not max(relative, scores) <= TOLERANCE:
            raise engines.EngineError(
                f"{name} is wrong on {title}: boxes {relative:.2e} of their size, scores {scores:.2e}")
        found.append(f"{title}: boxes {relative:.1e} of their size, scores {scores:.1e}")
    return f"{name}: {'; '.join(found)}"


def check_detections(name, weights, threads, options, arguments):
    """Compares the objects that an engine of lesser precision finds in photographs with those of ONNX Runtime."""
    if not arguments.photographs:
        raise engines.EngineError(f"{name} needs --photographs to be compared on")
    size = arguments.size
    reference = engines.OnnxRuntime(weights, size, size, threads)
    engine = engines.ENGINES[name](weights, size, size, threads, **options)
    there = back = (0, 0)
    try:
        paths = detections.photographs(arguments.photographs)[:PHOTOGRAPHS]
        for path in paths:
            picture = detections.letterboxed(path, size, size)
            wanted = reference.output(picture)
            output = engine.output(picture).reshape(wanted.shape)
            wanted, rows = detections.detections(wanted), detections.detections(output)
            there = tuple(np.add(there, detections.found(wanted, rows)))
            back = tuple(np.add(back, detections.found(rows, wanted)))
    finally:
        engine.close()
    least = detections.FOUND[engines.precision(name)]
    line = (
        f"{name}: {there[0]} of {there[1]} clear objects of float32 found in {len(paths)} photographs, {back[0]} of "
        f"its {back[1]} are float32's; at least {least:.0%} either way")
    if not there[1] or there[0] < least * there[1] or back[0] < least * back[1]:
        raise engines.EngineError(f"{line}: too few")
    return line


def report(arguments, rows, checks, load):
    title = f"YOLOv5 {arguments.size}×{arguments.size}"
    weights = os.path.basename(arguments.weights)
    description = f"Limn {commit()}, weights `{weights}`, {conditions(arguments.rounds, arguments.pause, load)}"
    return document(title, description, rows, checks)


def parse(words=None):
    data = pathlib.Path(os.environ.get("LIMN_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", default=str(data / "weights" / "yolov5s-widened.pt"))
    parser.add_argument("--recorded", help="safetensors with `input` and `output`, found by the weights' name")
    parser.add_argument("--engines", default="limn,onnxruntime", help=f"all, or of {', '.join(engines.ENGINES)}")
    parser.add_argument("--int8-weights", help="what `limn weights quantize` wrote, for limn-int8")
    parser.add_argument(
        "--photographs", default=str(data / "images" / "coco64"),
        help="a folder to take int8 scales from and to compare bfloat16 and int8 on")
    parser.add_argument(
        "--limn", default=shlex.quote(str(ROOT / "Benchmarks/.build/release/limn-bench")),
        help="the command to start")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--pause", type=float, default=0.1, help="seconds before each turn")
    parser.add_argument("--size", type=int, default=640)
    parser.add_argument("--max-ratio", type=float, help="fail when Limn's median over another's is larger")
    parser.add_argument("--out", help="the file to write; Benchmarks/results/CPU-DATE.md if absent, - for none")
    arguments = parser.parse_args(words)
    arguments.engines = list(engines.ENGINES) if arguments.engines == "all" else arguments.engines.split(",")
    unknown = set(arguments.engines) - set(engines.ENGINES)
    if unknown:
        parser.error(f"unknown engines: {', '.join(sorted(unknown))}")
    if arguments.rounds < 2:
        parser.error("--rounds must be at least 2")
    if not os.path.isdir(arguments.photographs):
        arguments.photographs = None
    if not os.path.exists(arguments.weights):
        parser.error(f"no weights at {arguments.weights}; give --weights or set LIMN_DATA")
    if not arguments.recorded:
        recorded = data / "refs" / f"{pathlib.Path(arguments.weights).stem}_bus_raw.safetensors"
        arguments.recorded = str(recorded) if recorded.exists() else None
    return arguments


def run(arguments):
    """The seconds of each engine by number of threads, and the lines on what was compared."""
    picture = synthetic_picture(arguments.size, arguments.size)
    samples, checks = {}, []
    for threads in arguments.threads:
        running = {}
        for name in arguments.engines:
            options = {"photographs": arguments.photographs}
            if issubclass(engines.ENGINES[name], engines.Limn):
                options |= {"command": arguments.limn, "int8_weights": arguments.int8_weights}
            line = check(name, arguments.weights, threads, options, arguments)
            if threads == arguments.threads[0]:
                checks.append(line)
            print(line, file=sys.stderr)
            running[name] = engines.ENGINES[name](
                arguments.weights, arguments.size, arguments.size, threads, **options)
            running[name].output(picture)
        samples[threads] = measure(running, arguments.rounds, arguments.pause)
        for engine in running.values():
            engine.close()
    return samples, checks


def main():
    arguments = parse()
    load = os.getloadavg()[0]
    try:
        samples, checks = run(arguments)
    except (checkpoint.CheckpointError, engines.EngineError, ImportError, OSError) as error:
        sys.exit(f"measure: {error}")
    rows = [row for threads in samples for row in table(samples[threads], threads, engines.version)]
    publish(report(arguments, rows, checks, load), arguments.out)
    worst = max(map(worst_ratio, samples.values()))
    if arguments.max_ratio is not None and worst > arguments.max_ratio:
        sys.exit(f"measure: Limn takes {worst:.3f} of another engine's time, more than {arguments.max_ratio}")


if __name__ == "__main__":
    main()
