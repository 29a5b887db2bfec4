#!/usr/bin/env python3
"""Records what OpenCV's bilinear resize makes of seeded noise: resize.bin.

Needs numpy and opencv-python-headless (recorded with 5.0.0; 4.14.0 gives the same). For each size four little-endian
32-bit integers, source width and height, target width and height, then the target's RGB bytes. The source's bytes are
the top bytes of SplitMix64 seeded with the index of the case, as TestSupport makes them.
"""
import pathlib
import struct

import cv2
import numpy as np

SIZES = [
    ((1, 1), (1, 1)), ((1, 1), (5, 3)), ((7, 5), (1, 1)),  # one pixel
    ((1, 9), (1, 17)), ((9, 1), (17, 1)), ((1, 9), (4, 3)), ((9, 1), (3, 4)),  # one column, one row
    ((8, 6), (4, 3)), ((34, 26), (17, 13)), ((2, 2), (1, 1)),  # exact halves: the mean of four
    ((8, 6), (4, 6)), ((8, 6), (8, 3)), ((9, 7), (4, 3)),  # nearly so
    ((12, 8), (4, 2)), ((20, 16), (5, 4)), ((40, 30), (6, 5)),  # thirds, quarters, odd ratios down
    ((5, 4), (10, 8)), ((5, 4), (13, 9)), ((6, 5), (41, 33)), ((2, 2), (50, 3)),  # up
    ((31, 17), (29, 40)), ((13, 37), (33, 19)),  # up one way, down the other
    ((63, 41), (64, 42)), ((64, 48), (51, 38)),  # nearly the same
    ((3, 1), (5527, 1)),  # at pixel 1594 the two weights add to 2049
]


def split_mix(seed: int, count: int) -> np.ndarray:
    mask = (1 << 64) - 1
    state, values = seed, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & mask
        bits = state
        bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & mask
        bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & mask
        values.append((bits ^ (bits >> 31)) >> 56)
    return np.array(values, np.uint8)


def main() -> None:
    with open(pathlib.Path(__file__).with_suffix(".bin"), "wb") as file:
        for index, ((width, height), target) in enumerate(SIZES):
            source = split_mix(index, width * height * 3).reshape(height, width, 3)
            resized = cv2.resize(source, target, interpolation=cv2.INTER_LINEAR)
            file.write(struct.pack("<4I", width, height, *target) + resized.tobytes())


if __name__ == "__main__":
    main()
