#!/usr/bin/env python3
"""Compares how long two builds of limn take, in pairs of runs in alternating order.

    compare-speed.py OLD NEW [--pairs 30] [--cases NAME...] [--data FOLDER] [--max-ratio R]

OLD and NEW are the commands, FOLDER the test data (LIMN_DATA, else ../shared/data). A run is a whole process: start,
weights, decoding and writing included. Each case starts with an untimed run of both, whose outputs must be equal.
Printed are milliseconds, best and median, the median of the pairs' ratios NEW / OLD, and the bound that the ratio's
true median stays below with 95 % confidence: an order statistic of the ratios, by the sign test. The exit code is 1
where outputs differ, a run fails, or a bound is above --max-ratio.
"""

import argparse
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
CONFIDENCE = 0.95

# Paths in the test data are marked by @.
CASES = {
    "photos": ["detect", "-w", "@weights/yolov5s-widened.pt", "@images/photos"],
    "masks": ["segment", "-w", "@weights/maskrcnn_resnet50_fpn_v2_overfit8_fp16.pth", "@images/photos/bus.jpg"],
    "circles": ["circles", "@images/coins/test_1.jpg"],
    "circles-reduced": ["circles", "--max-side", "1000", "@images/coins/test_1.jpg"],
    "folder": ["detect", "-w", "@weights/yolov5s-widened.pt", "@images/coco64", "-f", "coco"],
    "small-folder": ["detect", "-w", "@weights/yolov5n.pt", "@images/coco64", "-f", "coco"],
    "start": ["detect", "@images/photos/duckie.jpg"],
}
DEFAULT_CASES = ["photos", "masks", "circles", "folder"]


def fail(text):
    sys.exit(f"compare-speed: {text}")


def run(command, arguments, output):
    """Seconds of one run."""
    start = time.perf_counter()
    done = subprocess.run([command, *arguments, "--quiet", "-o", output], capture_output=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        fail(f"{command} {' '.join(arguments)}: exit code {done.returncode}: {done.stderr.decode(errors='replace')}")
    return seconds


def measure(commands, arguments, pairs, folder):
    """Pairs of seconds, old and new; the order of the two changes from pair to pair."""
    outputs = [folder / name for name in ("old.json", "new.json")]
    for command, output in zip(commands, outputs):
        run(command, arguments, output)
    if outputs[0].read_bytes() != outputs[1].read_bytes():
        fail(f"the outputs of {' '.join(arguments)} differ")
    samples = []
    for pair in range(pairs):
        seconds = [0.0, 0.0]
        for side in (0, 1) if pair % 2 == 0 else (1, 0):
            seconds[side] = run(commands[side], arguments, outputs[side])
        samples.append(seconds)
    return samples


def upper_bound(values):
    """The least order statistic that lies above the true median with CONFIDENCE; None where there are too few values.

    The value of a rank lies below the median only where that many values do, and each does with probability 1/2."""
    values = sorted(values)
    below = 0
    for rank in range(1, len(values) + 1):
        below += math.comb(len(values), rank - 1)
        if below / 2 ** len(values) >= CONFIDENCE:
            return values[rank - 1]
    return None


def cpu():
    """The processor's name as the system gives it."""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", metavar="OLD", type=pathlib.Path)
    parser.add_argument("new", metavar="NEW", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=DEFAULT_CASES, metavar="NAME",
                        help=f"of {', '.join(CASES)}; default: {' '.join(DEFAULT_CASES)}")
    parser.add_argument("--data", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("LIMN_DATA") or ROOT.parent / "shared/data"))
    parser.add_argument("--max-ratio", type=float, help="fail where the bound of a case is above it")
    arguments = parser.parse_args()
    if arguments.pairs < 1:
        fail(f"--pairs is at least 1, got {arguments.pairs}")
    commands = [path.resolve() for path in (arguments.old, arguments.new)]
    data = arguments.data.resolve()
    if not data.is_dir():
        fail(f"no test data in {data}; name them by --data or LIMN_DATA")
    load = pathlib.Path("/proc/loadavg").read_text().split()[0]
    print(f"{cpu()}, {len(os.sched_getaffinity(0))} cores, load {load} before, {arguments.pairs} pairs\n")
    print("| case | old best ms | old median | new best | new median | new / old, median of pairs | 95 % below |\n"
          "|---|---|---|---|---|---|---|")
    worst = 0.0
    for name in arguments.cases:
        line = [f"{data}/{word[1:]}" if word.startswith("@") else word for word in CASES[name]]
        with tempfile.TemporaryDirectory() as folder:
            samples = measure(commands, line, arguments.pairs, pathlib.Path(folder))
        columns = [f"{1e3 * value:.1f}" for side in zip(*samples) for value in (min(side), statistics.median(side))]
        ratios = [new / old for old, new in samples]
        bound = upper_bound(ratios)
        worst = max(worst, bound if bound is not None else math.inf)
        print(f"| {name} | {' | '.join(columns)} | {statistics.median(ratios):.4f} | "
              f"{f'{bound:.4f}' if bound is not None else 'too few pairs'} |", flush=True)
    return 1 if arguments.max_ratio is not None and worst > arguments.max_ratio else 0


if __name__ == "__main__":
    sys.exit(main())
