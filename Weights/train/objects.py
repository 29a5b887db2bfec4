"""Draws one object: a square picture of it and the coverage of its pixels.

Every object comes as `(colour, alpha)`: float32 `[n, n, 3]` BGR from 0 to 255 and float32 `[n, n]` from 0 to 1. The
light is a unit vector: to the right, down, towards the camera.
"""

import cv2
import numpy as np

CLASSES = ["coin", "disc", "rectangle", "triangle", "star", "ring"]

# Of the patch's half side, what the object takes.
EXTENT = 0.94

# Ranges of BGR of metals, from dark and worn to bright.
METALS = {
    "copper": ((38, 55, 105), (110, 150, 225)),
    "bronze": ((30, 42, 62), (70, 95, 135)),
    "brass": ((40, 95, 115), (110, 195, 220)),
    "gold": ((50, 130, 165), (130, 215, 245)),
    "silver": ((110, 115, 120), (215, 220, 222)),
    "nickel": ((95, 105, 112), (180, 190, 195)),
    "iron": ((55, 58, 62), (120, 122, 126)),
}


def grid(n):
    """Coordinates of pixel centres, the object's edge at distance 1."""
    axis = ((np.arange(n, dtype=np.float32) + 0.5) * 2 / n - 1) / EXTENT
    return np.meshgrid(axis, axis)


def smooth_noise(random, n, cells):
    """Noise from -1 to 1 of about that many cells a side."""
    coarse = random.uniform(-1, 1, (cells + 1, cells + 1)).astype(np.float32)
    return cv2.resize(coarse, (n, n), interpolation=cv2.INTER_CUBIC)


def pixels(points, n):
    """Unit coordinates to the fixed-point pixels of OpenCV's drawing with a shift of 4."""
    return np.round(((np.asarray(points) * EXTENT + 1) * n / 2 - 0.5) * 16).astype(np.int32)


def polygon(points, n):
    """Anti-aliased coverage of a polygon."""
    canvas = np.zeros((n, n), np.uint8)
    cv2.fillPoly(canvas, [pixels(points, n)], 255, cv2.LINE_AA, 4)
    return canvas.astype(np.float32) / 255


def edge(distance, n):
    """Coverage from a distance in units, positive inside."""
    return np.clip(distance * n * EXTENT / 2 + 0.5, 0, 1)


def lit(albedo, height, light, strength, gloss, tilt):
    """Shades a surface: diffuse and specular light on the slopes of `height`."""
    n = height.shape[0]
    dx = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=n / 8 * strength) + tilt[0]
    dy = cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=n / 8 * strength) + tilt[1]
    norm = 1 / np.sqrt(dx * dx + dy * dy + 1)
    diffuse = np.clip((light[2] - dx * light[0] - dy * light[1]) * norm, 0, 1)
    half = np.array([light[0], light[1], light[2] + 1], np.float32)
    half /= np.linalg.norm(half)
    specular = np.clip((half[2] - dx * half[0] - dy * half[1]) * norm, 0, 1) ** 14
    shade = 0.42 + 0.62 * diffuse
    return albedo * shade[..., None] + (gloss * 120) * specular[..., None]


def metal(random, name=None):
    low, high = METALS[name or random.choice(list(METALS))]
    mix = random.uniform(0, 1)
    return np.array(low, np.float32) * (1 - mix) + np.array(high, np.float32) * mix + random.uniform(-9, 9, 3)


def paint(random):
    """A colour of paper, plastic or lacquer: seldom that of metal."""
    kind = random.uniform()
    if kind < 0.7:
        hsv = np.uint8([[[random.randint(0, 180), random.randint(110, 256), random.randint(70, 256)]]])
        return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0].astype(np.float32)
    if kind < 0.85:
        return np.float32(random.uniform(205, 255)) + random.uniform(-12, 12, 3).astype(np.float32)
    return np.float32(random.uniform(10, 60)) + random.uniform(-8, 8, 3).astype(np.float32)


def legend(random, canvas, radius, size):
    """Strokes along a circle that look like lettering, stars or pearls."""
    n = canvas.shape[0]
    kind = random.randint(3)
    count = int(2 * np.pi * radius / (size * random.uniform(0.9, 1.8))) + 1
    start, part = random.uniform(0, 6.28), random.uniform(0.3, 1)
    width = max(1, int(round(n * 0.012)))
    for k in range(int(count * part)):
        angle = start + 2 * np.pi * k / count
        out = np.array([np.cos(angle), np.sin(angle)])
        along = np.array([-out[1], out[0]])
        centre = out * radius
        if kind == 0:
            cv2.circle(canvas, tuple(pixels(centre, n).tolist()), max(1, int(size * n * 3.5)), 255, -1, cv2.LINE_AA, 4)
            continue
        strokes = random.uniform(-size / 2, size / 2, (random.randint(2, 4), 2))
        points = centre + strokes[:, :1] * out + strokes[:, 1:] * along
        cv2.polylines(canvas, [pixels(points, n)], False, 255, width, cv2.LINE_AA, 4)


def portrait(random, canvas):
    """A head, an animal, a map: some blob with folds inside."""
    n = canvas.shape[0]
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radii = random.uniform(0.35, 0.5) * np.ones(40)
    for k in range(2, 7):
        radii = radii + random.uniform(0, 0.28 / k) * np.sin(k * angles + random.uniform(0, 6.28))
    points = np.stack([np.cos(angles), np.sin(angles)], 1) * radii[:, None] + random.uniform(-0.08, 0.08, 2)
    cv2.fillPoly(canvas, [pixels(points, n)], int(random.randint(130, 256)), cv2.LINE_AA, 4)
    for _ in range(random.randint(3, 10)):
        a, b = random.uniform(-0.45, 0.45, (2, 2))
        middle = (a + b) / 2 + random.uniform(-0.15, 0.15, 2)
        t = np.linspace(0, 1, 9)[:, None]
        curve = (1 - t) ** 2 * a + 2 * t * (1 - t) * middle + t**2 * b
        cv2.polylines(canvas, [pixels(curve, n)], False, int(random.choice([0, 70, 255])), max(1, n // 40),
                      cv2.LINE_AA, 4)


def numeral(random, canvas):
    n = canvas.shape[0]
    text = str(random.choice(["1", "2", "5", "10", "20", "50", "25", "C", "R", "E"]))
    scale = n / 22 * random.uniform(0.5, 0.95) * (0.62 if len(text) > 1 else 1) / 2
    font = int(random.choice([cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX]))
    thick = max(1, int(n * random.uniform(0.02, 0.05)))
    (w, h), _ = cv2.getTextSize(text, font, scale, thick)
    x = int(n / 2 - w / 2 + random.uniform(-0.15, 0.15) * n)
    cv2.putText(canvas, text, (x, int(n / 2 + h / 2)), font, scale, 255, thick, cv2.LINE_AA)
    for _ in range(random.randint(0, 7)):
        a = random.uniform(-0.6, 0.6, 2)
        b = a + random.uniform(-0.5, 0.5, 2)
        cv2.line(canvas, tuple(pixels(a, n).tolist()), tuple(pixels(b, n).tolist()), 150, max(1, n // 60),
                 cv2.LINE_AA, 4)


def relief(random, n):
    """The embossed picture of a coin, 0 to 1."""
    canvas = np.zeros((n, n), np.uint8)
    if random.uniform() < 0.6:
        portrait(random, canvas)
    if random.uniform() < 0.6:
        numeral(random, canvas)
    for _ in range(random.randint(0, 3)):
        legend(random, canvas, random.uniform(0.62, 0.84), random.uniform(0.06, 0.15))
    turn = cv2.getRotationMatrix2D(((n - 1) / 2, (n - 1) / 2), random.uniform(0, 360), 1)
    canvas = cv2.warpAffine(canvas, turn, (n, n))
    return cv2.GaussianBlur(canvas, (0, 0), max(0.5, n * random.uniform(0.004, 0.016))).astype(np.float32) / 255


def coin(random, n, light):
    x, y = grid(n)
    r = np.sqrt(x * x + y * y)
    struck = random.uniform() < 0.2  # by hand: no regular outline, no rim
    outline = np.float32(1)
    if struck:
        angle = np.arctan2(y, x)
        outline = 0.95 + sum(
            random.uniform(0, 0.05 / k) * np.sin(k * angle + random.uniform(0, 6.28)) for k in range(1, 6))
    elif random.uniform() < 0.04:
        angle = np.arctan2(y, x)
        outline = 0.985 + 0.015 * np.cos(random.choice([7, 8, 12]) * angle + random.uniform(0, 6.28))
    alpha = edge(outline - r, n)

    height = relief(random, n) * random.uniform(0.3, 1.2)
    if random.uniform() < 0.6:  # fine or worn relief
        height += smooth_noise(random, n, max(4, int(n / random.uniform(3, 9)))) * random.uniform(0.05, 0.4)
    rim = random.uniform(0.86, 0.95)
    if not struck or random.uniform() < 0.3:
        height = np.maximum(height * (r < rim), edge(r - rim, n) * random.uniform(0.5, 1.2))
        if random.uniform() < 0.3:
            height += 0.5 * np.exp(-((r - random.uniform(0.6, 0.85)) / 0.02) ** 2)
    height -= 1.5 * np.clip(r - outline + 0.07, 0, 1) * 8  # the edge falls off

    name = random.choice(["copper", "bronze", "brass", "gold", "silver", "nickel", "iron"],
                         p=[0.24, 0.08, 0.24, 0.14, 0.14, 0.1, 0.06])
    albedo = np.empty((n, n, 3), np.float32)
    albedo[:] = metal(random, name)
    if random.uniform() < 0.25:  # bimetal
        inner = edge(random.uniform(0.6, 0.78) - r, n)[..., None]
        pair = [metal(random, "brass" if random.uniform() < 0.6 else "gold"), metal(random, "silver")]
        if random.uniform() < 0.5:
            pair.reverse()
        albedo = pair[0] * inner + pair[1] * (1 - inner)
        height -= 0.4 * np.exp(-((r - random.uniform(0.6, 0.78)) / 0.02) ** 2)
    dirt = random.uniform(0, 0.35)
    stain = smooth_noise(random, n, random.randint(2, 6)) * 0.6 + smooth_noise(random, n, max(3, n // 4)) * 0.4
    albedo *= (1 + dirt * stain - random.uniform(0, 0.3) * (1 - np.clip(height, 0, 1)))[..., None]
    blurred = cv2.GaussianBlur(height.astype(np.float32), (0, 0), max(0.4, n * 0.006))
    tilt = random.normal(0, 0.10, 2)
    shaded = lit(albedo, blurred, light, random.uniform(0.03, 0.14), random.uniform(0.0, 0.9), tilt)
    slope = random.normal(0, 0.12, 2)
    return shaded * (1 + x * slope[0] + y * slope[1])[..., None] * random.uniform(0.8, 1.2), alpha


def surface(random, alpha, light):
    """A face for any outline: plain, patterned, printed, domed or of metal."""
    n = alpha.shape[0]
    x, y = grid(n)
    kind = random.uniform()
    colour = np.empty((n, n, 3), np.float32)
    colour[:] = paint(random)
    height = np.zeros((n, n), np.float32)
    strength, gloss = 0.05, random.uniform(0, 0.3)
    if kind < 0.2:
        a = random.uniform(0, 3.14)
        wave = np.sin((x * np.cos(a) + y * np.sin(a)) * random.uniform(8, 25)) > random.uniform(-0.5, 0.5)
        colour = np.where(wave[..., None], colour, paint(random))
    elif kind < 0.35:
        print_ = np.zeros((n, n), np.uint8)
        for _ in range(random.randint(1, 6)):
            a, b = pixels(random.uniform(-0.7, 0.7, (2, 2)), n).tolist()
            cv2.line(print_, tuple(a), tuple(b), 255, max(1, n // random.randint(14, 50)), cv2.LINE_AA, 4)
        colour = colour + (paint(random) - colour) * (print_.astype(np.float32) / 255)[..., None]
    elif kind < 0.5:
        strength_of_noise = random.uniform(0.05, 0.4)
        colour *= (1 + strength_of_noise * smooth_noise(random, n, random.randint(3, max(4, n // 4))))[..., None]
    border = random.uniform()
    if border < 0.2:
        inside = cv2.erode(alpha, np.ones((max(2, n // 12),) * 2), borderValue=0)
        colour = colour * inside[..., None] + paint(random) * (1 - inside[..., None])
    elif border < 0.4:
        height = cv2.GaussianBlur(alpha, (0, 0), n * random.uniform(0.02, 0.06))
        strength, gloss = random.uniform(0.05, 0.2), random.uniform(0, 1)
    slope = random.normal(0, 0.1, 2)
    colour = lit(colour, height, light, strength, gloss, random.normal(0, 0.05, 2))
    return colour * (1 + x * slope[0] + y * slope[1])[..., None]


def metal_surface(random, alpha, light):
    """What coins are made of, for outlines that are none."""
    n = alpha.shape[0]
    albedo = np.empty((n, n, 3), np.float32)
    albedo[:] = metal(random)
    albedo *= (1 + random.uniform(0, 0.3) * smooth_noise(random, n, random.randint(2, max(3, n // 3))))[..., None]
    height = cv2.GaussianBlur(alpha, (0, 0), max(0.6, n * random.uniform(0.01, 0.05))) * random.uniform(0.3, 1.5)
    if random.uniform() < 0.5:
        height = height + relief(random, n) * random.uniform(0.3, 1)
    return lit(albedo, height, light, random.uniform(0.03, 0.15), random.uniform(0, 1), random.normal(0, 0.08, 2))


def disc(random, n, light):
    x, y = grid(n)
    r = np.sqrt(x * x + y * y)
    alpha = edge(1 - r, n)
    if random.uniform() < 0.45:  # a lentil, a ball, a button without holes
        colour = np.empty((n, n, 3), np.float32)
        colour[:] = paint(random)
        dome = np.sqrt(np.clip(1.05 - r * r, 0, 2)) * random.uniform(0.2, 0.8)
        return lit(colour, dome.astype(np.float32), light, random.uniform(0.5, 1), random.uniform(0, 2), (0, 0)), alpha
    return surface(random, alpha, light), alpha


def any_surface(random, alpha, light):
    draw = metal_surface if random.uniform() < 0.28 else surface
    return draw(random, alpha, light)


def rectangle(random, n, light):
    aspect = random.uniform(0.22, 1) if random.uniform() < 0.8 else 1
    half = np.array([1, aspect]) / np.hypot(1, aspect)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    alpha = polygon(corners * (1 + random.uniform(-0.05, 0.05, (4, 2))) * 0.97, n)
    return any_surface(random, alpha, light), alpha


def triangle(random, n, light):
    while True:
        angles = np.sort(random.uniform(0, 2 * np.pi, 3))
        gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
        if gaps.min() > 1.15 and gaps.max() < 3.4:
            break
    alpha = polygon(np.stack([np.cos(angles), np.sin(angles)], 1), n)
    return any_surface(random, alpha, light), alpha


def star(random, n, light):
    tips = random.choice([4, 5, 5, 5, 6, 7, 8])
    angles = np.arange(2 * tips) * np.pi / tips
    inner = random.uniform(0.32, 0.52) if tips < 6 else random.uniform(0.45, 0.65)
    radii = np.where(np.arange(2 * tips) % 2, inner, 1)
    alpha = polygon(np.stack([np.cos(angles), np.sin(angles)], 1) * radii[:, None], n)
    return any_surface(random, alpha, light), alpha


def ring(random, n, light):
    x, y = grid(n)
    r = np.sqrt(x * x + y * y)
    hole = random.uniform(0.38, 0.78)
    alpha = edge(1 - r, n) * edge(r - hole, n)
    if random.uniform() < 0.5:
        return any_surface(random, alpha, light), alpha
    colour = np.empty((n, n, 3), np.float32)
    colour[:] = metal(random) if random.uniform() < 0.4 else paint(random)
    bulge = np.sqrt(np.clip(1 - ((r - (1 + hole) / 2) / ((1 - hole) / 2 + 0.02)) ** 2, 0, 1)) * (1 - hole) / 2
    return lit(colour, bulge.astype(np.float32), light, random.uniform(0.4, 1), random.uniform(0, 1.5), (0, 0)), alpha


def distractor(random, n, light):
    """What is none of the classes."""
    x, y = grid(n)
    r = np.sqrt(x * x + y * y)
    kind = random.randint(9)
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    if kind == 0:  # a cross
        w = random.uniform(0.15, 0.35)
        bars = np.minimum(w - abs(x), 0.95 - abs(y)), np.minimum(w - abs(y), 0.95 - abs(x))
        alpha = np.maximum(edge(bars[0], n), edge(bars[1], n))
    elif kind == 1:  # a crescent
        alpha = edge(0.98 - r, n) * edge(np.hypot(x - random.uniform(0.3, 0.6), y) - 0.75, n)
    elif kind == 2:  # half a disc
        alpha = edge(0.98 - r, n) * edge(x - random.uniform(-0.1, 0.3), n)
    elif kind == 3:  # a polygon
        sides = random.randint(5, 7)
        a = np.arange(sides) * 2 * np.pi / sides
        alpha = polygon(np.stack([np.cos(a), np.sin(a)], 1) * 0.97, n)
    elif kind == 4:  # an L
        w = random.uniform(0.25, 0.5)
        alpha = polygon(np.array([[-0.7, -0.7], [w - 0.7, -0.7], [w - 0.7, 0.7 - w], [0.7, 0.7 - w], [0.7, 0.7],
                                  [-0.7, 0.7]]), n)
    elif kind == 5:  # an oval
        alpha = edge((1 - np.hypot(x, y / random.uniform(0.3, 0.5))) * 0.4, n)
    elif kind == 6:  # an open ring
        gap = random.uniform(0.6, 1.8)
        alpha = edge(0.98 - r, n) * edge(r - random.uniform(0.5, 0.8), n) * (abs(np.arctan2(y, x)) > gap)
    elif kind == 7:  # a heart
        points = np.stack([16 * np.sin(angles) ** 3, -13 * np.cos(angles) + 5 * np.cos(2 * angles)
                           + 2 * np.cos(3 * angles) + np.cos(4 * angles)], 1) / 18
        alpha = polygon(points, n)
    else:  # a blob
        radii = 0.6 + sum(random.uniform(0.08, 0.2) * np.sin(k * angles + random.uniform(0, 6.28)) for k in (2, 3, 5))
        alpha = polygon(np.stack([np.cos(angles), np.sin(angles)], 1) * np.clip(radii, 0.1, 1)[:, None], n)
    alpha = alpha.astype(np.float32)
    return any_surface(random, alpha, light), alpha


DRAW = {"coin": coin, "disc": disc, "rectangle": rectangle, "triangle": triangle, "star": star, "ring": ring,
        "distractor": distractor}
