"""Draws YOLOv5 as an ncnn network: the text of a `.param` file and the bytes of a `.bin` file."""

import struct

import numpy as np

import checkpoint
import yolov5

MAGIC = 7767517
LAST_AXIS = 2
TAKES_THE_REST = -233
BINARY_ADD, BINARY_MULTIPLY, UNARY_SQUARE = 0, 2, 4


class NcnnBuilder:
    """Draws the network with ncnn layers; a handle is the blob's name with its (channels, height, width)."""

    def __init__(self, height, width):
        self.image = ("images", (3, height, width))
        self.layers = [("Input", "images", [], ["images"], f"0={width} 1={height} 2=3")]
        self.weights = []

    def layer(self, kind, name, inputs, parameters=""):
        output = f"{name}/{kind}"
        self.layers.append((kind, output, inputs, [output], parameters))
        return output

    def memory(self, name, array):
        """A constant of [channels, height, width]."""
        channels, height, width = array.shape
        self.weights.append(array.astype("<f4").tobytes())
        return self.layer("MemoryData", name, [], f"0={width} 1={height} 2={channels}")

    def convolution(self, name, x, weight, bias, stride, padding, silu):
        source, (_, height, width) = x
        count, _, kernel, _ = weight.shape
        self.weights += [struct.pack("<I", 0), weight.astype("<f4").tobytes(), bias.astype("<f4").tobytes()]
        y = self.layer(
            "Convolution", name, [source],
            f"0={count} 1={kernel} 11={kernel} 3={stride} 4={padding} 5=1 6={weight.size}")
        if silu:
            y = self.layer("Swish", name, [y])
        height, width = ((side + 2 * padding - kernel) // stride + 1 for side in (height, width))
        return y, (count, height, width)

    def add(self, name, a, b):
        return self.layer("BinaryOp", name, [a[0], b[0]], f"0={BINARY_ADD}"), a[1]

    def concatenate(self, name, maps):
        channels = sum(shape[0] for _, shape in maps)
        return self.layer("Concat", name, [source for source, _ in maps], "0=0"), (channels, *maps[0][1][1:])

    def max_pool(self, name, x, kernel):
        return self.layer("Pooling", name, [x[0]], f"0=0 1={kernel} 2=1 3={kernel // 2} 5=1"), x[1]

    def upsample(self, name, x):
        source, (channels, height, width) = x
        return self.layer("Interp", name, [source], "0=1 1=2.0 2=2.0"), (channels, 2 * height, 2 * width)

    def detect(self, name, levels, values):
        boxes, count = [], 0
        for index, ((source, (_, height, width)), stride, anchors) in enumerate(levels):
            level = f"{name}.{index}"
            cells = height * width
            y = self.layer("Reshape", level, [source], f"0={cells} 1={values} 2={len(anchors)}")
            y = self.layer("Sigmoid", level, [self.layer("Permute", level, [y], "0=1")])
            parts = [f"{level}/{part}" for part in ("centre", "size", "scores")]
            self.layers.append(("Slice", f"{level}/Slice", [y], parts, f"-23300=3,2,2,{TAKES_THE_REST} 1={LAST_AXIS}"))
            centre, size, scores = parts

            rows, columns = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
            grid = np.stack([columns, rows], -1).reshape(1, cells, 2) - 0.5
            centre = self.scaled(f"{level}/centre/double", centre, 2)
            grid = self.memory(f"{level}/grid", np.repeat(grid, len(anchors), 0))
            centre = self.layer("BinaryOp", f"{level}/centre", [centre, grid], f"0={BINARY_ADD}")
            centre = self.scaled(f"{level}/centre/pixels", centre, stride)

            size = self.scaled(f"{level}/size/double", size, 2)
            size = self.layer("UnaryOp", f"{level}/size", [size], f"0={UNARY_SQUARE}")
            factors = self.memory(f"{level}/anchors", np.repeat(anchors[:, None, :], cells, 1))
            size = self.layer("BinaryOp", f"{level}/size", [size, factors], f"0={BINARY_MULTIPLY}")

            joined = self.layer("Concat", level, [centre, size, scores], f"0={LAST_AXIS}")
            boxes.append(self.layer("Reshape", f"{level}/flat", [joined], f"0={values} 1={cells * len(anchors)}"))
            count += cells * len(anchors)
        return self.layer("Concat", name, boxes, "0=0"), (count, values)

    def scaled(self, name, x, factor):
        return self.layer("BinaryOp", name, [x], f"0={BINARY_MULTIPLY} 1=1 2={float(factor)}")

    def files(self, output):
        """The `.param` text, with a Split after every blob that has several readers, and the `.bin` bytes."""
        self.layers.append(("Noop", "output", [output[0]], ["output"], ""))
        readers = {}
        for index, (_, _, inputs, _, _) in enumerate(self.layers):
            for blob in inputs:
                readers.setdefault(blob, []).append(index)
        shared = {blob: len(users) for blob, users in readers.items() if len(users) > 1}
        taken = dict.fromkeys(shared, 0)

        lines, blobs = [], 0
        for kind, name, inputs, outputs, parameters in self.layers:
            sources = []
            for blob in inputs:
                if blob in shared:
                    sources.append(f"{blob}~{taken[blob]}")
                    taken[blob] += 1
                else:
                    sources.append(blob)
            lines.append(f"{kind} {name} {len(sources)} {len(outputs)} {' '.join(sources + outputs)} {parameters}")
            blobs += len(outputs)
            for blob in outputs:
                if blob in shared:
                    copies = [f"{blob}~{copy}" for copy in range(shared[blob])]
                    lines.append(f"Split {blob}/Split 1 {len(copies)} {blob} {' '.join(copies)}")
                    blobs += len(copies)
        return "\n".join([str(MAGIC), f"{len(lines)} {blobs}", *lines, ""]), b"".join(self.weights)


def build(weights, height, width):
    """The two files of a weight file for pictures of `height` by `width`."""
    builder = NcnnBuilder(height, width)
    return builder.files(yolov5.draw(checkpoint.read(weights), builder, builder.image))
