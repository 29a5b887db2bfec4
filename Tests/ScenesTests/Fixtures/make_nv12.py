#!/usr/bin/env python3
"""Writes nv12.json: seeded frames in NV12 with the RGB that OpenCV's `cvtColor` makes of them, as base64.

Needs opencv-python (5.0.0 was used). Run it in this folder: python3 make_nv12.py
"""

import base64
import json

import cv2
import numpy

from random64 import Random64

frames = []
for width, height in ((2, 2), (34, 6), (64, 48)):
    random = Random64(width)
    nv12 = numpy.array([random.next() >> 56 for _ in range(width * height * 3 // 2)], numpy.uint8)
    nv12 = nv12.reshape(height * 3 // 2, width)
    rgb = cv2.cvtColor(nv12, cv2.COLOR_YUV2RGB_NV12)
    frames.append({"width": width, "height": height, "rgb": base64.b64encode(rgb.tobytes()).decode()})
with open("nv12.json", "w") as file:
    json.dump(frames, file, indent=1)
    print(file=file)
