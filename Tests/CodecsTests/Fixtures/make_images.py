"""Writes images/: tiny JPEG and PNG files of every kind, and what OpenCV's imread makes of them (expected.json).

Needs numpy, opencv-python-headless 5.0, Pillow 13, and jpegtran (libjpeg-turbo-progs) for arithmetic coding.
Names that begin with `bad-` are files that must be refused; they have no expected pixels.
"""

import io
import json
import pathlib
import struct
import subprocess
import zlib

import cv2
import numpy as np
from PIL import Image

FOLDER = pathlib.Path(__file__).parent / "images"
WIDTH, HEIGHT = 13, 9


def picture():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    rgb = np.stack([x * 255 // (WIDTH - 1), y * 255 // (HEIGHT - 1), (x * 37 + y * 91) % 256], -1).astype(np.uint8)
    rgb[2:5, 3:7] = (255, 0, 0)
    rgb[5:8, 8:12] = (0, 255, 255)
    return rgb


RGB = picture()


def save(name, data):
    (FOLDER / name).write_bytes(data)


# JPEG


def pillow(mode="RGB", **options):
    buffer = io.BytesIO()
    Image.fromarray(RGB).convert(mode).save(buffer, "JPEG", quality=90, **options)
    return buffer.getvalue()


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def with_segments(*segments):
    jpeg = pillow()
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def tiff(value, order="<", kind=3, before=b"", entries=None):
    count = (1 + len(before) // 12) if entries is None else entries
    field = struct.pack(order + ("I" if kind == 4 else "H"), value).ljust(4, b"\0")
    return (
        (b"II" if order == "<" else b"MM")
        + struct.pack(order + "HIH", 42, 8, count)
        + before
        + struct.pack(order + "HHI", 0x0112, kind, 1)
        + field
        + bytes(4)
    )


def exif(block):
    return segment(0xE1, b"Exif\0\0" + block)


def jpegs():
    samplings = {"444": 0x111111, "422": 0x211111, "420": 0x221111, "440": 0x121111, "411": 0x411111}
    for name, factor in samplings.items():
        for progressive in (0, 1):
            options = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor, cv2.IMWRITE_JPEG_PROGRESSIVE, progressive]
            data = cv2.imencode(".jpg", RGB[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90] + options)[1].tobytes()
            save(f"{'progressive' if progressive else 'baseline'}-{name}.jpg", data)
    save("restart.jpg", pillow(restart_marker_blocks=1))
    save("grey.jpg", pillow("L"))
    save("grey-progressive.jpg", pillow("L", progressive=True))
    save("rgb.jpg", pillow(keep_rgb=True))
    save("cmyk.jpg", pillow("CMYK"))
    cmyk = pillow("CMYK")
    adobe = cmyk.index(b"Adobe")
    save("ycck.jpg", cmyk[: adobe + 11] + b"\x02" + cmyk[adobe + 12 :])
    arithmetic = subprocess.run(["jpegtran", "-arithmetic"], input=pillow(), capture_output=True, check=True).stdout
    save("arithmetic.jpg", arithmetic)
    save("bad-arithmetic-cut.jpg", arithmetic[:-20])
    for orientation in range(1, 9):
        save(f"exif-{orientation}.jpg", with_segments(exif(tiff(orientation, "<" if orientation % 2 else ">"))))
    save("exif-6-cmyk.jpg", cmyk[:2] + exif(tiff(6)) + cmyk[2:])
    save("exif-0.jpg", with_segments(exif(tiff(0))))
    save("exif-9.jpg", with_segments(exif(tiff(9))))
    save("exif-long.jpg", with_segments(exif(tiff(6, kind=4))))
    save("exif-behind-xmp.jpg", with_segments(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"), exif(tiff(6))))
    save("exif-twice.jpg", with_segments(exif(tiff(6)), exif(tiff(3))))
    save("exif-broken-then-good.jpg", with_segments(exif(b"II*"), exif(tiff(3))))
    save("exif-empty.jpg", with_segments(exif(b"")))
    save("exif-cut.jpg", with_segments(exif(tiff(6)[:19])))
    save("exif-many-entries.jpg", with_segments(exif(tiff(6, entries=65535))))
    save("exif-far.jpg", with_segments(exif(b"II*\0\xff\xff\xff\xff" + tiff(6)[8:])))
    save("exif-bad-magic.jpg", with_segments(exif(b"II\x2b\0" + tiff(6)[4:])))
    save("no-end-marker.jpg", pillow()[:-2])
    save("trailing-bytes.jpg", pillow() + b"trailing" * 20)
    save("padding-before-end.jpg", pillow()[:-2] + bytes(3) + b"\xff\xd9")
    save("bad-progressive-no-end-marker.jpg", pillow(progressive=True)[:-2])
    frame = pillow().index(b"\xff\xc0")
    save("bad-12-bit.jpg", pillow()[: frame + 4] + b"\x0c" + pillow()[frame + 5 :])
    save("bad-lossless.jpg", pillow()[:frame] + b"\xff\xc3" + pillow()[frame + 2 :])
    size = struct.pack(">HH", 65500, 65500)
    save("bad-huge.jpg", pillow()[: frame + 5] + size + pillow()[frame + 9 :])
    save("bad-zero-width.jpg", pillow()[: frame + 7] + b"\0\0" + pillow()[frame + 9 :])


# PNG


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(width, height, depth, colour, interlace=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = chunk(b"IEND", b"")
PALETTE = chunk(b"PLTE", bytes((i * 7 + c * 85) % 256 for i in range(256) for c in range(3)))


def rows(samples, depth):
    """Filter type 0 and the samples [height][width][channels], packed."""
    packed = b""
    for row in samples:
        if depth == 16:
            packed += b"\0" + row.astype(">u2").tobytes()
        elif depth == 8:
            packed += b"\0" + row.astype(np.uint8).tobytes()
        else:
            bits = "".join(format(int(sample), f"0{depth}b") for sample in row.ravel())
            bits = bits.ljust(-(-len(bits) // 8) * 8, "0")
            packed += b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    return packed


def scan(samples, depth, interlace):
    if not interlace:
        return rows(samples, depth)
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    parts = (samples[y::dy, x::dx] for x, y, dx, dy in passes)
    return b"".join(rows(part, depth) for part in parts if part.size)


def png(colour, depth, interlace=0, extra=b""):
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    random = np.random.default_rng(colour * 100 + depth)
    samples = random.integers(0, 1 << depth, (HEIGHT, WIDTH, channels))
    palette = chunk(b"PLTE", PALETTE[8 : 8 + 3 * (1 << depth)]) if colour == 3 else b""
    data = chunk(b"IDAT", zlib.compress(scan(samples, depth, interlace)))
    return SIGNATURE + header(WIDTH, HEIGHT, depth, colour, interlace) + palette + extra + data + END


def pngs():
    depths = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
    names = {0: "grey", 2: "rgb", 3: "palette", 4: "grey-alpha", 6: "rgba"}
    for colour, name in names.items():
        for depth in depths[colour]:
            save(f"{name}-{depth}.png", png(colour, depth))
            save(f"{name}-{depth}-interlaced.png", png(colour, depth, 1))
    save("grey-8-transparent.png", png(0, 8, extra=chunk(b"tRNS", b"\0\7")))
    save("rgb-8-transparent.png", png(2, 8, extra=chunk(b"tRNS", bytes(6))))
    save("palette-8-transparent.png", png(3, 8, extra=chunk(b"tRNS", bytes(range(256)))))
    save("rgb-8-gamma-background.png", png(2, 8, extra=chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"bKGD", bytes(6))))

    plain, ihdr = scan(RGB, 8, 0), header(WIDTH, HEIGHT, 8, 2)
    packed = zlib.compress(plain)
    data = chunk(b"IDAT", packed)

    def write(name, *chunks):
        save(name, SIGNATURE + b"".join(chunks))

    for orientation in range(1, 9):
        write(f"exif-{orientation}.png", ihdr, chunk(b"eXIf", tiff(orientation)), data, END)
    write("exif-behind-data.png", ihdr, data, chunk(b"eXIf", tiff(6)), END)
    write("exif-bad-checksum.png", ihdr, chunk(b"eXIf", tiff(6))[:-1] + b"\0", data, END)
    write("split-data.png", ihdr, chunk(b"IDAT", packed[:10]), chunk(b"IDAT", b""), chunk(b"IDAT", packed[10:]), END)
    write("trailing-bytes.png", ihdr, data, END, b"trailing")
    write("surplus-rows.png", ihdr, chunk(b"IDAT", zlib.compress(plain + bytes(100))), END)
    write("unknown-ancillary.png", ihdr, chunk(b"abCd", b"x"), data, END)
    write("ancillary-bad-checksum.png", ihdr, chunk(b"tEXt", b"a\0b")[:-1] + b"\0", data, END)
    bomb = zlib.compress(bytes(20_000_000), 9)
    write("text-bomb.png", ihdr, chunk(b"zTXt", b"a\0\0" + bomb), data, chunk(b"iTXt", b"a\0\1\0\0\0" + bomb), END)
    indices = scan(np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH, 1), 8, 0)
    short_palette = [header(WIDTH, HEIGHT, 8, 3), chunk(b"PLTE", PALETTE[8:38]), chunk(b"IDAT", zlib.compress(indices)), END]
    write("palette-index-beyond.png", *short_palette)

    write("bad-no-end.png", ihdr, data)
    write("bad-pixel-checksum.png", ihdr, chunk(b"IDAT", packed[:-1] + bytes([packed[-1] ^ 1])), END)
    write("bad-chunk-checksum.png", ihdr, data[:-1] + bytes([data[-1] ^ 1]), END)
    write("bad-missing-rows.png", ihdr, chunk(b"IDAT", zlib.compress(plain[:-20])), END)
    write("bad-no-data.png", ihdr, END)
    write("bad-no-palette.png", header(WIDTH, HEIGHT, 8, 3), chunk(b"IDAT", zlib.compress(indices)), END)
    write("bad-unknown-critical.png", ihdr, chunk(b"ABCD", b"x"), data, END)
    write("bad-header-second.png", chunk(b"tEXt", b"a\0b"), ihdr, data, END)
    write("bad-huge.png", header(1 << 30, 1 << 30, 8, 2), data, END)
    write("bad-wide.png", header(1 << 21, 1, 8, 2), data, END)
    write("bad-zero-width.png", header(0, HEIGHT, 8, 2), data, END)
    (FOLDER / "bad-text-mode-transfer.png").write_bytes(SIGNATURE.replace(b"\r\n", b"\n") + ihdr + data + END)


def main():
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    jpegs()
    pngs()
    expected = {}
    for path in sorted(FOLDER.iterdir()):
        if path.name.startswith("bad-"):
            continue
        pixels = cv2.imread(str(path))[..., ::-1]
        expected[path.name] = {
            "width": pixels.shape[1],
            "height": pixels.shape[0],
            "pixels": np.ascontiguousarray(pixels).tobytes().hex(),
        }
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in expected.items())
    (FOLDER / "expected.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
