"""Draws what objects lie on: float32 BGR from 0 to 255."""

import cv2
import numpy as np


def fractal(random, width, height, cells, octaves=4, stretch=1.0):
    """Noise of several scales, about -1 to 1; `stretch` draws it out to the right."""
    total, weight = np.zeros((height, width), np.float32), 1.0
    for _ in range(octaves):
        shape = max(2, int(cells * height / width) + 1), max(2, int(cells / stretch) + 1)
        coarse = random.uniform(-1, 1, shape).astype(np.float32)
        total += weight * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        cells, weight = cells * 2, weight * 0.55
        if cells > width:
            break
    return total


def tone(random, low, high, tint=12):
    return np.float32(random.uniform(low, high)) + random.uniform(-tint, tint, 3).astype(np.float32)


def colour(random):
    hsv = np.uint8([[[random.randint(0, 180), random.randint(0, 220), random.randint(30, 256)]]])
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0].astype(np.float32)


def paper(random, width, height):
    base = tone(random, 170, 245, 18)
    grain = random.normal(0, random.uniform(0.5, 4), (height, width, 1)).astype(np.float32)
    folds = fractal(random, width, height, random.randint(2, 6), 2)[..., None] * random.uniform(0, 8)
    image = np.broadcast_to(base, (height, width, 3)) + grain + folds
    if random.uniform() < 0.2:  # a ruled or squared sheet
        image, step = np.ascontiguousarray(image), random.randint(12, 40)
        ink = tone(random, 120, 190, 40).tolist()
        for y in range(random.randint(step), height, step):
            cv2.line(image, (0, y), (width, y), ink, 1, cv2.LINE_AA)
        if random.uniform() < 0.5:
            for x in range(random.randint(step), width, step):
                cv2.line(image, (x, 0), (x, height), ink, 1, cv2.LINE_AA)
    return image


def wood(random, width, height):
    dark, light = tone(random, 30, 90, 8), np.float32([0, 0, 0])
    dark += np.float32([-15, 0, 25])
    light = dark * random.uniform(1.2, 2.2) + np.float32([0, 8, 20])
    warp = fractal(random, width, height, random.randint(2, 5), 3, stretch=4)
    rows = np.linspace(0, random.uniform(8, 40), height, dtype=np.float32)[:, None]
    grain = np.sin(rows + warp * random.uniform(1, 6)) * 0.5 + 0.5
    fibre = fractal(random, width, height, 150, 2, stretch=12) * random.uniform(0.05, 0.25)
    mix = np.clip(grain * random.uniform(0.3, 1) + fibre, 0, 1)[..., None]
    image = dark * (1 - mix) + light * mix
    return image if random.uniform() < 0.6 else np.ascontiguousarray(
        cv2.resize(image.transpose(1, 0, 2), (width, height)))


def cloth(random, width, height):
    y, x = np.mgrid[:height, :width].astype(np.float32)
    period, angle = random.uniform(2.2, 9), random.uniform(0, 3.14)
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    weave = np.sin(u * 6.28 / period) * np.sin(v * 6.28 / period)
    folds = fractal(random, width, height, random.randint(2, 5), 2)
    image = colour(random) * (1 + random.uniform(0.03, 0.2) * weave + random.uniform(0, 0.25) * folds)[..., None]
    return image + random.normal(0, random.uniform(1, 8), (height, width, 1)).astype(np.float32)


def clouds(random, width, height):
    noise = [fractal(random, width, height, random.randint(2, 12), random.randint(2, 6)) for _ in range(2)]
    a, b = colour(random), colour(random)
    mix = np.clip(noise[0] * 0.5 + 0.5, 0, 1)[..., None]
    return (a * mix + b * (1 - mix)) * (1 + random.uniform(0, 0.3) * noise[1])[..., None]


def plain(random, width, height):
    """One colour, or a passage between two."""
    a = colour(random)
    b = a * random.uniform(0.5, 1.4) if random.uniform() < 0.7 else colour(random)
    angle = random.uniform(0, 6.28)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    t = (x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle) + 0.5
    image = a * (1 - t[..., None]) + b * t[..., None]
    return image + random.normal(0, random.uniform(0, 6), (height, width, 1)).astype(np.float32)


def stone(random, width, height):
    base = tone(random, 50, 200, 15)
    coarse = fractal(random, width, height, random.randint(4, 20), 5)
    fine = random.normal(0, random.uniform(5, 30), (height, width)).astype(np.float32)
    fine = cv2.GaussianBlur(fine, (0, 0), random.uniform(0.5, 1.5))
    return base + (coarse * random.uniform(5, 30) + fine)[..., None] * random.uniform(0.7, 1.1, 3).astype(np.float32)


def tiles(random, width, height):
    step, gap = random.randint(24, 160), random.randint(1, 4)
    y, x = np.mgrid[:height, :width]
    checks = ((x // step + y // step) % 2).astype(np.float32)[..., None] * random.uniform(0, 1)
    image = colour(random) * (1 - checks) + colour(random) * checks
    joints = ((x % step < gap) | (y % step < gap))[..., None]
    image = np.where(joints, image * random.uniform(0.5, 1.2), image)
    return image + fractal(random, width, height, 30, 3)[..., None] * random.uniform(0, 12)


def clutter(random, image):
    """Strokes, writing, thin outlines and specks, none of them an object."""
    height, width = image.shape[:2]
    image = np.ascontiguousarray(image, np.float32)
    point = lambda: (random.randint(-20, width + 20), random.randint(-20, height + 20))
    for _ in range(random.randint(1, 25)):
        ink, kind = colour(random).tolist(), random.randint(5)
        if kind == 0:
            cv2.line(image, point(), point(), ink, random.randint(1, 4), cv2.LINE_AA)
        elif kind == 1:
            points = np.array(point()) + np.cumsum(random.randint(-25, 26, (random.randint(4, 15), 2)), 0)
            cv2.polylines(image, [points.astype(np.int32)], False, ink, random.randint(1, 4), cv2.LINE_AA)
        elif kind == 2:
            text = "".join(chr(c) for c in random.randint(33, 123, random.randint(3, 14)))
            cv2.putText(image, text, point(), int(random.randint(0, 8)), random.uniform(0.3, 1.6), ink,
                        random.randint(1, 3), cv2.LINE_AA)
        elif kind == 3:
            cv2.ellipse(image, point(), (random.randint(10, 120), random.randint(10, 120)), random.randint(180),
                        0, random.randint(60, 361), ink, 1, cv2.LINE_AA)
        else:
            for _ in range(random.randint(3, 30)):
                cv2.circle(image, point(), 1, ink, -1, cv2.LINE_AA)
    return image


KINDS = [(paper, 0.34), (wood, 0.13), (cloth, 0.12), (clouds, 0.12), (plain, 0.13), (stone, 0.1), (tiles, 0.06)]


def background(random, width, height):
    kinds, shares = zip(*KINDS)
    image = kinds[random.choice(len(kinds), p=shares)](random, width, height)
    if random.uniform() < 0.2:  # the edge of a sheet, a table or a book
        other = kinds[random.randint(len(kinds))](random, width, height)
        angle, offset = random.uniform(0, 6.28), random.uniform(0.2, 0.5)
        y, x = np.mgrid[:height, :width].astype(np.float32)
        side = (x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle) > offset
        image = np.where(side[..., None], other, image)
    if random.uniform() < 0.25:
        image = clutter(random, image)
    return np.clip(np.ascontiguousarray(image, np.float32), 0, 255)
