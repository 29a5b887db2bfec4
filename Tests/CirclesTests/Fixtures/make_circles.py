"""Draws 200 pictures of circles and records what OpenCV finds in them, stage by stage.

    python3 make_circles.py             writes circles.json
    python3 make_circles.py --draw DIR  writes the pictures as PNG files too

Needs numpy and OpenCV 4 (opencv-python-headless 4.14 made circles.json). The pictures are drawn in whole numbers from a
seed, so that `GeneratedPicture` of the tests draws the same ones, and no picture has to be kept.
"""

import json
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np

COUNT = 200
MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15


class Generator:
    """SplitMix64."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        return int(self.many(1)[0]) % bound

    def many(self, count):
        steps = np.arange(1, count + 1, dtype=np.uint64)
        with np.errstate(over="ignore"):
            bits = np.uint64(self.state) + steps * np.uint64(GAMMA)
            self.state = (self.state + count * GAMMA) & MASK
            bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            return bits ^ (bits >> np.uint64(31))


def coverage(width, height, x, y, radius):
    """Samples of 4x4 in each pixel that lie in a disc; its centre and radius are in eighths of a pixel."""
    columns = (2 * np.arange(4 * width) + 1 - x) ** 2
    rows = (2 * np.arange(4 * height) + 1 - y) ** 2
    inside = (rows[:, None] + columns[None, :]) <= radius * radius
    return inside.reshape(height, 4, width, 4).sum(axis=(1, 3))


def draw(seed):
    """A picture `[height][width][3]`, red first: a slope, discs and rings, some beyond the border, and noise."""
    generator = Generator(seed)
    width, height = 64 + generator.below(160), 64 + generator.below(120)
    slope = generator.below(129) - 64, generator.below(129) - 64
    base = 40 + generator.below(150)
    columns, rows = np.arange(width), np.arange(height)
    picture = base + ((slope[0] * columns[None, :] + slope[1] * rows[:, None]) >> 8)
    for _ in range(1 + generator.below(14)):
        x, y = generator.below(8 * width), generator.below(8 * height)
        radius = 8 * 6 + generator.below(8 * 34)
        value = generator.below(256)
        weight = coverage(width, height, x, y, radius)
        if generator.below(3) == 0:
            hole = radius - 24 - generator.below(64)
            if hole > 0:
                weight = weight - coverage(width, height, x, y, hole)
        picture = (picture * (16 - weight) + value * weight + 8) >> 4
    amplitude = generator.below(24)
    noise = (generator.many(width * height) % np.uint64(2 * amplitude + 1)).astype(np.int64) - amplitude
    picture = picture + noise.reshape(height, width)
    tint = generator.below(61) - 30, generator.below(61) - 30
    channels = np.stack([picture, picture + tint[0], picture + tint[1]], axis=2)
    return np.clip(channels, 0, 255).astype(np.uint8)


def options(index):
    """Every option varies; each eighth picture has the defaults."""
    if index % 8 == 0:
        return {"dp": 1, "minDist": 20, "edge": 50, "votes": 30, "min": 10, "max": 100, "blur": 9, "sigma": 2}
    generator = Generator(1000 + index)

    def one(*choices):
        return choices[generator.below(len(choices))]

    minimum = one(0, 1, 5, 10, 20)
    return {
        "dp": one(1, 1, 1.3, 1.5, 2, 3.7), "minDist": one(1, 7.5, 10, 20, 40), "edge": one(1, 20, 50, 101, 200, 3000),
        "votes": one(1, 10, 20, 30, 45), "min": minimum, "max": max(minimum + one(0, 1, 10, 40, 90), 1),
        "blur": one(1, 3, 5, 7, 9, 11, 15, 31), "sigma": one(0, 0.5, 1, 2, 3.3),
    }


def stages(rgb, o):
    """What OpenCV gives: grey, blurred, derivatives, edges, and circles with their support."""
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    blur = cv2.GaussianBlur(gray, (o["blur"], o["blur"]), o["sigma"])
    dx = cv2.Sobel(blur, cv2.CV_16S, 1, 0, ksize=3, borderType=cv2.BORDER_REPLICATE)
    dy = cv2.Sobel(blur, cv2.CV_16S, 0, 1, ksize=3, borderType=cv2.BORDER_REPLICATE)
    edges = cv2.Canny(dx, dy, max(o["edge"] // 2, 1), o["edge"])
    circles = cv2.HoughCirclesWithAccumulator(
        blur, cv2.HOUGH_GRADIENT, o["dp"], o["minDist"], param1=o["edge"], param2=o["votes"], minRadius=o["min"],
        maxRadius=o["max"])
    return {"gray": gray, "blur": blur, "dx": dx, "dy": dy, "edges": edges}, (
        np.zeros((0, 4)) if circles is None else circles.reshape(-1, 4))


def main():
    cases = []
    for index in range(COUNT):
        rgb, chosen = draw(index), options(index)
        if "--draw" in sys.argv:
            folder = Path(sys.argv[sys.argv.index("--draw") + 1])
            cv2.imwrite(str(folder / f"{index:03}.png"), rgb[:, :, ::-1])
        images, circles = stages(rgb, chosen)
        case = {"options": chosen, "picture": zlib.crc32(rgb.tobytes())}
        case.update({name: zlib.crc32(np.ascontiguousarray(image).tobytes()) for name, image in images.items()})
        case["count"] = len(circles)
        # The first of each: the order is by support.
        case["circles"] = [[round(float(v), 4) for v in circle] for circle in circles[:12]]
        cases.append(case)
    text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    path = Path(__file__).with_name("circles.json")
    path.write_text(f'{{"opencv": "{cv2.__version__}", "cases": [\n{text}\n]}}\n')
    print(path.name, path.stat().st_size, "bytes,", sum(case["count"] for case in cases), "circles")


if __name__ == "__main__":
    main()
