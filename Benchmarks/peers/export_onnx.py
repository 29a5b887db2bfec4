#!/usr/bin/env python3
"""Writes YOLOv5 weights as an ONNX graph, the way YOLOv5's own export does, without torch.

    export_onnx.py WEIGHTS OUT.onnx [--size 640] [--size HEIGHT WIDTH] [--verify REFERENCE.safetensors]

WEIGHTS is a `.pt` of releases 6.0 to 7.0 or a safetensors file written by `limn weights convert`. The graph takes
`images` [1, 3, height, width], RGB from 0 to 1, and gives `output` [1, boxes, 5 + classes]: centre, size, objectness
and class scores, decoded to pixels. float32, batch normalisation folded, SiLU as Sigmoid and Mul.
"""

import argparse
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import checkpoint
import yolov5

OPSET = 17


class OnnxBuilder:
    """Draws the network with ONNX nodes; a handle is the tensor's name with its (channels, height, width)."""

    def __init__(self, height, width):
        self.image = ("images", (3, height, width))
        self.nodes = []
        self.constants = {}

    def node(self, operator, name, inputs, **attributes):
        output = f"{name}/{operator}"
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def constant(self, name, array):
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def convolution(self, name, x, weight, bias, stride, padding, silu):
        source, (_, height, width) = x
        kernel = weight.shape[2]
        inputs = [source, self.constant(f"{name}.weight", weight), self.constant(f"{name}.bias", bias)]
        y = self.node(
            "Conv", name, inputs, kernel_shape=[kernel, kernel], strides=[stride, stride], pads=[padding] * 4,
            dilations=[1, 1], group=1)
        if silu:
            y = self.node("Mul", name, [y, self.node("Sigmoid", name, [y])])
        height, width = ((side + 2 * padding - kernel) // stride + 1 for side in (height, width))
        return y, (weight.shape[0], height, width)

    def add(self, name, a, b):
        return self.node("Add", name, [a[0], b[0]]), a[1]

    def concatenate(self, name, maps):
        channels = sum(shape[0] for _, shape in maps)
        return self.node("Concat", name, [source for source, _ in maps], axis=1), (channels, *maps[0][1][1:])

    def max_pool(self, name, x, kernel):
        y = self.node("MaxPool", name, [x[0]], kernel_shape=[kernel] * 2, strides=[1, 1], pads=[kernel // 2] * 4)
        return y, x[1]

    def upsample(self, name, x):
        source, (channels, height, width) = x
        scales = self.constant(f"{name}.scales", np.array([1, 1, 2, 2], np.float32))
        y = self.node(
            "Resize", name, [source, "", scales], mode="nearest", nearest_mode="floor",
            coordinate_transformation_mode="asymmetric")
        return y, (channels, 2 * height, 2 * width)

    def detect(self, name, levels, values):
        two = self.constant(f"{name}.two", np.array(2, np.float32))
        sizes = self.constant(f"{name}.split", np.array([2, 2, values - 4], np.int64))
        boxes, count = [], 0
        for index, ((source, (_, height, width)), stride, anchors) in enumerate(levels):
            level = f"{name}.{index}"
            split_shape = self.constant(f"{level}.cells", np.array([1, len(anchors), values, height, width], np.int64))
            cells = self.node("Reshape", f"{level}/cells", [source, split_shape])
            cells = self.node("Sigmoid", level, [self.node("Transpose", level, [cells], perm=[0, 1, 3, 4, 2])])
            centre, size, scores = (f"{level}/{part}" for part in ("centre", "size", "scores"))
            parts = [centre, size, scores]
            self.nodes.append(helper.make_node("Split", [cells, sizes], parts, name=f"{level}/Split", axis=4))

            rows, columns = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
            grid = (np.stack([columns, rows], -1)[None, None] - 0.5).astype(np.float32)
            centre = self.node("Mul", f"{level}/centre/double", [centre, two])
            centre = self.node("Add", f"{level}/centre", [centre, self.constant(f"{level}.grid", grid)])
            stride = self.constant(f"{level}.stride", np.array(stride, np.float32))
            centre = self.node("Mul", f"{level}/centre", [centre, stride])

            size = self.node("Mul", f"{level}/size/double", [size, two])
            size = self.node("Pow", f"{level}/size", [size, two])
            anchors = self.constant(f"{level}.anchors", anchors[None, :, None, None, :])
            size = self.node("Mul", f"{level}/size", [size, anchors])

            joined = self.node("Concat", level, [centre, size, scores], axis=4)
            flat = self.constant(f"{level}.flat", np.array([1, -1, values], np.int64))
            boxes.append(self.node("Reshape", f"{level}/flat", [joined, flat]))
            count += anchors_in(levels[index]) * height * width
        return self.node("Concat", name, boxes, axis=1), (count, values)

    def model(self, output):
        source, (count, values) = output
        self.nodes.append(helper.make_node("Identity", [source], ["output"], name="output"))
        graph = helper.make_graph(
            self.nodes, "yolov5",
            [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, *self.image[1]])],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, count, values])],
            initializer=list(self.constants.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="limn")
        model.ir_version = 8
        onnx.checker.check_model(model, full_check=True)
        return model


def anchors_in(level):
    return len(level[2])


def build(weights, height, width):
    """The ONNX model of a weight file for pictures of `height` by `width`."""
    if height % 32 or width % 32 or min(height, width) < 32:
        raise checkpoint.CheckpointError(f"sides must be multiples of 32, got {height}x{width}")
    builder = OnnxBuilder(height, width)
    return builder.model(yolov5.draw(checkpoint.read(weights), builder, builder.image))


def differences(output, expected):
    """The largest differences of boxes (relative to the box's size, in pixels) and of scores."""
    output, expected = output.reshape(expected.shape), expected.astype(np.float64)
    size = np.maximum(expected[..., 2:4], 1)
    pixels = np.abs(output[..., :4] - expected[..., :4])
    relative = pixels / np.concatenate([size, size], -1)
    return pixels.max(), relative.max(), np.abs(output[..., 4:] - expected[..., 4:]).max()


def verify(weights, reference):
    """Runs the graph on a recorded input and returns the differences from the recorded output."""
    import onnxruntime

    tensors, _ = checkpoint.read_safetensors_file(reference)
    model = build(weights, *tensors["input"].shape[2:])
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {"images": tensors["input"].astype(np.float32)})
    return differences(output, tensors["output"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights")
    parser.add_argument("out")
    parser.add_argument("--size", type=int, nargs="+", default=[640], help="side, or height and width; multiples of 32")
    parser.add_argument("--verify", metavar="FILE", help="safetensors with a recorded `input` and `output`")
    parser.add_argument("--tolerance", type=float, default=1e-3)
    arguments = parser.parse_args()
    if len(arguments.size) > 2:
        parser.error("--size takes one or two numbers")
    try:
        model = build(arguments.weights, arguments.size[0], arguments.size[-1])
        if arguments.verify:
            pixels, relative, scores = verify(arguments.weights, arguments.verify)
            print(f"boxes {pixels:.2e} pixels ({relative:.2e} of the box), scores {scores:.2e}")
            if not max(relative, scores) <= arguments.tolerance:
                sys.exit(f"export_onnx: differs from {arguments.verify} by more than {arguments.tolerance}")
    except checkpoint.CheckpointError as error:
        sys.exit(f"export_onnx: {error}")
    onnx.save(model, arguments.out)


if __name__ == "__main__":
    main()
