"""Writes shared-checksums.json: the CRC-32 of what OpenCV's imread makes of the shared pictures, as RGB bytes.

Usage: make_shared_checksums.py DATA, the folder that LIMN_DATA names. Needs opencv-python-headless 5.0.
"""

import pathlib
import sys
import zlib

import cv2

images = pathlib.Path(sys.argv[1]) / "images"
refused = {"truncated_jpeg.jpg", "hopper_bad_exif.jpg"}
checksums = {}
for folder in ("png/pngsuite", "jpeg", "photos"):
    for path in sorted((images / folder).iterdir()):
        if path.suffix not in (".png", ".jpg") or path.name in refused:
            continue
        pixels = cv2.imread(str(path))
        if pixels is not None:
            checksums[f"{folder}/{path.name}"] = zlib.crc32(pixels[..., ::-1].tobytes())
lines = ",\n".join(f'"{name}": {checksum}' for name, checksum in checksums.items())
(pathlib.Path(__file__).parent / "shared-checksums.json").write_text("{\n" + lines + "\n}\n")
