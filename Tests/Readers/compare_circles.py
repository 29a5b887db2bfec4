#!/usr/bin/env python3
"""Compares Limn's circles with OpenCV's on pictures, stage by stage.

    compare_circles.py --limn LIMN_BENCH [--threads 2] [--level avx2] [--max-radius 60] PICTURE...
    compare_circles.py --limn LIMN_BENCH --drawn

LIMN_BENCH is the command of the package Benchmarks; `--drawn` takes the 200 pictures of
Tests/CirclesTests/Fixtures/make_circles.py with their options instead. Grey, blur, derivatives and edges must be equal to
the byte; of the circles, as many as OpenCV's, at least 99 % must lie within 1 pixel in centre and radius, in OpenCV's
order or not. The exit code is 0 when all that holds, 1 when not. Needs numpy and OpenCV 4 (opencv-python-headless).
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import cv2
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/CirclesTests/Fixtures"))
import make_circles  # noqa: E402  (beside the fixture it makes)

STAGES = ("gray", "blur", "dx", "dy", "edges")
DEFAULTS = make_circles.options(0)


def limn(arguments, picture, options):
    """The stages' bytes, and rows of x, y, radius and support with centres as OpenCV gives them."""
    names = {"dp": "resolution", "minDist": "min-distance", "edge": "edge-threshold", "votes": "votes",
             "min": "min-radius", "max": "max-radius", "blur": "blur", "sigma": "sigma"}
    with tempfile.TemporaryDirectory() as folder:
        command = [*arguments.limn.split(), "circles", str(picture), "--threads", str(arguments.threads)]
        command += ["--level", arguments.level] if arguments.level else []
        for name, option in names.items():
            command += [f"--{option}", str(options[name])]
        subprocess.run([*command, "--stages", folder], check=True)
        path = pathlib.Path(folder)
        circles = np.array((path / "circles.txt").read_text().split(), dtype=float).reshape(-1, 4)
        circles[:, :2] -= 0.5
        return {name: (path / name).read_bytes() for name in STAGES}, circles


def paired(expected, found):
    """How many of OpenCV's circles have one of Limn's within a pixel in centre and radius, each used once."""
    left = np.ones(len(found), dtype=bool)
    count = 0
    for circle in expected:
        distance = np.hypot(*(found[:, :2] - circle[:2]).T)
        near = left & (distance <= 1) & (np.abs(found[:, 2] - circle[2]) <= 1)
        if near.any():
            left[np.argmin(np.where(near, distance, np.inf))] = False
            count += 1
    return count


def cases(arguments, folder):
    """Names, files, RGB pictures and options."""
    if not arguments.drawn:
        for name in arguments.pictures:
            picture = cv2.imread(name)
            if picture is None:
                sys.exit(f"{name}: OpenCV cannot read it")
            yield name, name, picture[:, :, ::-1].copy(), {**DEFAULTS, "max": arguments.max_radius}
        return
    for index in range(make_circles.COUNT):
        picture, path = make_circles.draw(index), pathlib.Path(folder) / f"{index}.png"
        cv2.imwrite(str(path), picture[:, :, ::-1])
        yield f"drawn {index}", path, picture, make_circles.options(index)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limn", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--level")
    parser.add_argument("--max-radius", type=int, default=100)
    parser.add_argument("--drawn", action="store_true")
    parser.add_argument("pictures", nargs="*")
    arguments = parser.parse_args()
    failures = total = matched = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, path, picture, options in cases(arguments, folder):
            images, expected = make_circles.stages(picture, options)
            found_images, found = limn(arguments, path, options)
            differing = [n for n in STAGES if np.ascontiguousarray(images[n]).tobytes() != found_images[n]]
            pairs = paired(expected, found)
            total, matched = total + len(expected), matched + pairs
            exact = len(found) == len(expected) and bool(np.allclose(found, expected, atol=1e-3))
            if not arguments.drawn or differing or not exact:
                print(f"{name}: {len(expected)} circles by OpenCV, {len(found)} by Limn, {pairs} within a pixel, "
                      f"{'equal in order' if exact else 'not equal'}; stages that differ: {differing or 'none'}")
            failures += bool(differing) + (len(found) != len(expected))
    print(f"{matched} of {total} circles within a pixel of OpenCV {cv2.__version__}'s; {failures} differences")
    return 1 if failures or matched < 0.99 * total else 0


if __name__ == "__main__":
    sys.exit(main())
