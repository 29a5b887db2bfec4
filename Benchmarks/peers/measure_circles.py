#!/usr/bin/env python3
"""Measures Limn's and OpenCV's search for circles, in turns in one run, and writes what was found.

    measure_circles.py --pictures PHOTO... [--sides 4032 1155] [--threads 1 2] [--rounds 7] [--limn COMMAND]

Each photograph is searched at its own size or reduced to each longer side of SIDES. What is timed is a picture of 8-bit
RGB in memory to circles: grey, Gaussian blur of 9 and 2, and the transform with the settings that are copied most (dp 1,
distance 20, thresholds 50 and 30, radii 10 to 100). Decoding is not counted. Before anything is timed the circles are
compared: all of OpenCV's must be found, in its order. Needs numpy and OpenCV 4 (opencv-python-headless).
"""

import argparse
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np

from child import Child, EngineError
from turns import ROOT, commit, conditions, document, measure, publish, table, worst_ratio

LIMN = f"{ROOT}/Benchmarks/.build/release/limn-bench"


class Limn(Child):
    """Limn in a child process."""

    def __init__(self, picture, threads, command):
        self.arguments = ["circles", str(picture), "--threads", str(threads)]
        self.command = command
        super().__init__(command, self.arguments)

    def circles(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([*shlex.split(self.command), *self.arguments, "--stages", folder], check=True)
            rows = np.array((pathlib.Path(folder) / "circles.txt").read_text().split(), dtype=float).reshape(-1, 4)
        return rows[:, :3] - (0.5, 0.5, 0)


class OpenCV:
    """OpenCV in this process."""

    def __init__(self, picture, threads):
        self.picture, self.threads = cv2.imread(str(picture)), threads

    def circles(self):
        cv2.setNumThreads(self.threads)
        gray = cv2.cvtColor(self.picture, cv2.COLOR_BGR2GRAY)
        blurred = cv2.GaussianBlur(gray, (9, 9), 2)
        found = cv2.HoughCircles(
            blurred, cv2.HOUGH_GRADIENT, 1, 20, param1=50, param2=30, minRadius=10, maxRadius=100)
        return np.zeros((0, 3)) if found is None else found.reshape(-1, 3)

    def seconds(self):
        start = time.perf_counter()
        self.circles()
        return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", nargs="+", required=True)
    parser.add_argument("--sides", nargs="+", type=int, default=[4032, 1155])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--pause", type=float, default=0.3)
    parser.add_argument("--limn", default=LIMN)
    parser.add_argument("--out", help="the report; by default in the folder of results, - for none")
    parser.add_argument("--max-ratio", type=float, help="fail where Limn's median is more than this of OpenCV's")
    arguments = parser.parse_args()
    load = pathlib.Path("/proc/loadavg").read_text().split()[0]
    rows, checks, worst = [], [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.pictures:
            for side in arguments.sides:
                picture = cv2.imread(name)
                scale = side / max(picture.shape[:2])
                if scale < 1:
                    picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                path = pathlib.Path(folder) / "picture.png"
                cv2.imwrite(str(path), picture)
                size = f"{picture.shape[1]}x{picture.shape[0]}"
                for threads in arguments.threads:
                    running = {"limn": Limn(path, threads, arguments.limn), "opencv": OpenCV(path, threads)}
                    expected, found = running["opencv"].circles(), running["limn"].circles()
                    if expected.shape != found.shape or not np.allclose(expected, found, atol=1e-3):
                        raise EngineError(f"{name} at {size}: {len(expected)} circles by OpenCV, {len(found)} by Limn")
                    stem = pathlib.Path(name).stem
                    checks.append(f"{stem} at {size}, {threads} threads: {len(found)} circles, equal in order")
                    samples = measure(running, arguments.rounds, arguments.pause)
                    versions = {"limn": commit(), "opencv": cv2.__version__}
                    rows += [row.replace("| ", f"| {stem} {size}, ", 1) for row in
                             table(samples, threads, versions.get)]
                    worst = max(worst, worst_ratio(samples))
                    running["limn"].close()
    description = conditions(arguments.rounds, arguments.pause, float(load))
    publish(document("Circles", description, rows, checks), arguments.out, prefix="circles-")
    return 1 if arguments.max_ratio and worst > arguments.max_ratio else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except EngineError as error:
        sys.exit(f"measure_circles.py: {error}")
