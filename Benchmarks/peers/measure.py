#!/usr/bin/env python3
"""Measures Limn and other engines on one network, in turns in one run, and writes what was found.

    measure.py [--weights FILE] [--engines limn,onnxruntime] [--threads 1 2] [--rounds 20] [--size 640]

Before anything is timed, every engine answers the same picture, and so the recorded input where there is one; an
engine that differs from the reference is not timed, and the run fails. Then the engines take turns: a turn is a
pause, one inference that is not counted, and one that is. Each round starts with another engine.
"""

import argparse
import datetime
import os
import pathlib
import platform
import re
import shlex
import statistics
import subprocess
import sys
import time

import numpy as np

import checkpoint
import engines
import export_onnx

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOLERANCE = 1e-3


def synthetic_picture(height, width):
    """A picture [3, height, width] of random blocks: the same on every machine, with edges and flat parts."""
    blocks = np.random.default_rng(1).random((3, height // 16, width // 16), np.float32)
    return blocks.repeat(16, 1).repeat(16, 2)


def check(name, weights, threads, options, recorded, size):
    """Compares an engine's answers with the recorded output and with ONNX Runtime's; returns a line to print."""
    cases = [("a synthetic picture", synthetic_picture(size, size), None)]
    if recorded:
        tensors, _ = checkpoint.read_safetensors_file(recorded)
        cases.append((os.path.basename(recorded), tensors["input"][0].astype(np.float32), tensors["output"][0]))
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


def measure(running, rounds, pause):
    """Seconds of each engine, `rounds` each, taken in turns."""
    names = list(running)
    samples = {name: [] for name in names}
    for round in range(rounds):
        start = round % len(names)
        for name in names[start:] + names[:start]:
            time.sleep(pause)
            running[name].seconds()
            samples[name].append(running[name].seconds())
    return samples


def table(samples, threads):
    """The rows of one number of threads: milliseconds, and Limn's median over the other's."""
    rows = []
    own = statistics.median(samples["limn"]) if "limn" in samples else None
    for name, values in samples.items():
        low, median, high = (1e3 * q for q in statistics.quantiles(values, n=4, method="inclusive"))
        ratio = f"{own / statistics.median(values):.3f}" if own and name != "limn" else ""
        rows.append(
            f"| {name} {engines.version(name)} | {threads} | {1e3 * min(values):.1f} | {median:.1f} "
            f"| {low:.1f}-{high:.1f} | {ratio} |".replace("  |", " |"))
    return rows


def cpu():
    """The processor's name as the system gives it, with family and model, and its number of cores."""
    fields = {}
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            key, _, value = line.partition(":")
            fields.setdefault(key.strip(), value.strip())
    except OSError:
        pass
    name = fields.get("model name") or platform.machine()
    detail = f" (family {fields['cpu family']}, model {fields['model']})" if "cpu family" in fields else ""
    return name, f"{name}{detail}, {len(os.sched_getaffinity(0))} cores, {platform.system()}"


def commit():
    """The commit that is measured, marked when files differ from it."""
    git = subprocess.run(
        ["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return git.stdout.strip() or "unknown"


def report(arguments, rows, checks, load):
    name, machine = cpu()
    lines = [
        f"# YOLOv5 {arguments.size}×{arguments.size}, float32: {name}, {datetime.date.today()}",
        "",
        f"{machine}. Limn {commit()}, weights `{os.path.basename(arguments.weights)}`, {arguments.rounds} rounds in "
        f"turns, one untimed inference before each, {arguments.pause:g} s pause between turns, load {load:.2f} before.",
        "",
        "| Engine | threads | best ms | median ms | quartiles ms | Limn's median / this |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        "Answers compared before timing:",
        "",
        *(f"- {line}" for line in checks),
        "",
    ]
    return "\n".join(lines)


def write_whole(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    beside.write_text(text)
    beside.replace(path)


def parse():
    data = pathlib.Path(os.environ.get("LIMN_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", default=str(data / "weights" / "yolov5s-widened.pt"))
    parser.add_argument("--recorded", help="safetensors with `input` and `output`, found by the weights' name")
    parser.add_argument("--engines", default="limn,onnxruntime", help=f"of {', '.join(engines.ENGINES)}")
    parser.add_argument(
        "--limn", default=shlex.quote(str(ROOT / "Benchmarks/.build/release/limn-bench")),
        help="the command to start")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--pause", type=float, default=0.1, help="seconds before each turn")
    parser.add_argument("--size", type=int, default=640)
    parser.add_argument("--max-ratio", type=float, help="fail when Limn's median over another's is larger")
    parser.add_argument("--out", help="the file to write; Benchmarks/results/CPU-DATE.md if absent, - for none")
    arguments = parser.parse_args()
    arguments.engines = arguments.engines.split(",")
    unknown = set(arguments.engines) - set(engines.ENGINES)
    if unknown:
        parser.error(f"unknown engines: {', '.join(sorted(unknown))}")
    if arguments.rounds < 2:
        parser.error("--rounds must be at least 2")
    if not os.path.exists(arguments.weights):
        parser.error(f"no weights at {arguments.weights}; give --weights or set LIMN_DATA")
    if not arguments.recorded:
        recorded = data / "refs" / f"{pathlib.Path(arguments.weights).stem}_bus_raw.safetensors"
        arguments.recorded = str(recorded) if recorded.exists() else None
    return arguments


def main():
    arguments = parse()
    load = os.getloadavg()[0]
    picture = synthetic_picture(arguments.size, arguments.size)
    rows, checks, worst = [], [], 0.0
    try:
        for threads in arguments.threads:
            running = {}
            for name in arguments.engines:
                options = {"command": arguments.limn} if name == "limn" else {}
                line = check(name, arguments.weights, threads, options, arguments.recorded, arguments.size)
                if threads == arguments.threads[0]:
                    checks.append(line)
                print(line, file=sys.stderr)
                running[name] = engines.ENGINES[name](
                    arguments.weights, arguments.size, arguments.size, threads, **options)
                running[name].output(picture)
            samples = measure(running, arguments.rounds, arguments.pause)
            for engine in running.values():
                engine.close()
            rows += table(samples, threads)
            if "limn" in samples:
                own = statistics.median(samples["limn"])
                worst = max([worst, *(own / statistics.median(v) for n, v in samples.items() if n != "limn")])
    except (checkpoint.CheckpointError, engines.EngineError, ImportError) as error:
        sys.exit(f"measure: {error}")

    text = report(arguments, rows, checks, load)
    print(text)
    if arguments.out != "-":
        slug = re.sub(r"[^a-z0-9]+", "-", cpu()[0].lower()).strip("-")
        default = ROOT / "Benchmarks" / "results" / f"{slug}-{datetime.date.today()}.md"
        write_whole(pathlib.Path(arguments.out) if arguments.out else default, text)
    if arguments.max_ratio is not None and worst > arguments.max_ratio:
        sys.exit(f"measure: Limn takes {worst:.3f} of another engine's time, more than {arguments.max_ratio}")


if __name__ == "__main__":
    main()
