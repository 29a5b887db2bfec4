"""The engines that are measured, behind one pair of methods.

An engine is made for one weight file, one input shape and one number of threads, and computes in its `precision`:

    output(picture)   picture [3, height, width], RGB from 0 to 1, to [boxes, 5 + classes], decoded to pixels
    seconds()         the time of one inference of the picture given last, its input and output in memory
"""

import importlib.metadata
import os
import tempfile
import time

import numpy as np

import export_ncnn
import export_onnx
import quantized
from child import Child, EngineError


class InProcess:
    """An engine that lives in this process; subclasses set `infer`, a call without arguments, in `load`."""

    precision = "float32"

    def output(self, picture):
        self.load(np.ascontiguousarray(picture, np.float32))
        result = self.infer()
        return np.array(result, np.float32).reshape(-1, result.shape[-1])

    def seconds(self):
        start = time.perf_counter()
        self.infer()
        return time.perf_counter() - start

    def close(self):
        pass


class OnnxRuntime(InProcess):
    package = "onnxruntime"

    def __init__(self, weights, height, width, threads, photographs=None):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that spin on after a run would steal the cores from the engine whose turn is next.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        model = export_onnx.build(weights, height, width).SerializeToString()
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def load(self, picture):
        inputs = {"images": picture[None]}
        self.infer = lambda: self.session.run(None, inputs)[0]


class OpenVino(InProcess):
    package = "openvino"
    hint = "f32"

    def __init__(self, weights, height, width, threads, photographs=None):
        import openvino

        core = openvino.Core()
        self.request = core.compile_model(self.model(core, weights, height, width, photographs), "CPU", {
            "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": self.hint, "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
        }).create_infer_request()

    def model(self, core, weights, height, width, photographs):
        return core.read_model(export_onnx.build(weights, height, width).SerializeToString())

    def load(self, picture):
        inputs = [picture[None]]
        self.infer = lambda: self.request.infer(inputs)[0]


class OpenVinoBfloat16(OpenVino):
    precision, hint = "bfloat16", "bf16"


class OpenVinoInt8(OpenVino):
    """Quantised by NNCF; what stays in floats is bfloat16 where the CPU has it."""

    precision, hint = "int8", "bf16"

    def model(self, core, weights, height, width, photographs):
        if not photographs:
            raise EngineError("openvino-int8 needs --photographs to take its scales from")
        return quantized.build(weights, height, width, photographs)


class Torch(InProcess):
    """PyTorch, channels last; in bfloat16 the weights are, so nothing is cast while it runs."""

    package = "torch"

    def __init__(self, weights, height, width, threads, photographs=None):
        import torch

        import export_torch

        self.torch, self.threads = torch, threads
        self.type = torch.bfloat16 if self.precision == "bfloat16" else torch.float32
        module = export_torch.build(weights, bfloat16=self.precision == "bfloat16")
        example = torch.zeros(1, 3, height, width, dtype=self.type).to(memory_format=torch.channels_last)
        torch.set_num_threads(threads)
        with torch.inference_mode():
            module(example)  # makes the grids of the decoding
            self.module = torch.jit.freeze(torch.jit.trace(module, example, check_trace=False))

    def load(self, picture):
        image = self.torch.from_numpy(picture[None]).to(self.type).contiguous(memory_format=self.torch.channels_last)

        def infer():
            self.torch.set_num_threads(self.threads)
            with self.torch.inference_mode():
                return self.module(image)[0].numpy()

        self.infer = infer


class TorchBfloat16(Torch):
    precision = "bfloat16"


class Ncnn(InProcess):
    package = "ncnn"

    def __init__(self, weights, height, width, threads, photographs=None):
        import ncnn

        self.ncnn = ncnn
        self.net = ncnn.Net()
        self.net.opt.num_threads = threads
        self.net.opt.use_fp16_packed = self.net.opt.use_fp16_storage = self.net.opt.use_fp16_arithmetic = False
        self.net.opt.use_bf16_storage = self.precision == "bfloat16"
        parameters, values = export_ncnn.build(weights, height, width)
        with tempfile.TemporaryDirectory() as folder:
            paths = os.path.join(folder, "yolov5.param"), os.path.join(folder, "yolov5.bin")
            with open(paths[0], "w") as file:
                file.write(parameters)
            with open(paths[1], "wb") as file:
                file.write(values)
            if self.net.load_param(paths[0]) or self.net.load_model(paths[1]):
                raise EngineError("ncnn refuses the network")

    def load(self, picture):
        image = self.ncnn.Mat(picture).clone()

        def infer():
            extractor = self.net.create_extractor()
            extractor.input("images", image)
            status, result = extractor.extract("output")
            if status:
                raise EngineError(f"ncnn gave the status {status}")
            return np.array(result, copy=False)

        self.infer = infer


class NcnnBfloat16(Ncnn):
    precision = "bfloat16"


class OpenCv(InProcess):
    package = "opencv-python-headless"

    def __init__(self, weights, height, width, threads, photographs=None):
        import cv2

        self.cv2 = cv2
        self.threads = threads
        model = np.frombuffer(export_onnx.build(weights, height, width).SerializeToString(), np.uint8)
        self.net = cv2.dnn.readNetFromONNX(model)

    def load(self, picture):
        def infer():
            self.cv2.setNumThreads(self.threads)
            self.net.setInput(picture[None])
            return self.net.forward()

        self.infer = infer


class Limn(Child):
    """Limn in a child process: `output` gives [boxes, 5 + classes] as one row of numbers."""

    package, precision = None, "float32"

    def __init__(self, weights, height, width, threads, photographs=None, command="limn-bench", int8_weights=None):
        size = [str(height)] if height == width else [str(height), str(width)]
        arguments = ["network", "--weights", str(self.file(weights, int8_weights)), "--size", *size]
        if self.precision != "float32":
            arguments += ["--precision", self.precision]
        super().__init__(command, [*arguments, "--threads", str(threads)])

    def file(self, weights, int8_weights):
        return weights

    def output(self, picture):
        return self.check({"input": np.ascontiguousarray(picture[None], np.float32)})


class LimnBfloat16(Limn):
    precision = "bfloat16"


class LimnInt8(Limn):
    """Its weights are a file of their own, calibrated by `limn weights quantize`."""

    precision = "int8"

    def file(self, weights, int8_weights):
        if not int8_weights:
            raise EngineError("limn-int8 needs --int8-weights, a file that limn weights quantize wrote")
        return int8_weights


ENGINES = {
    "limn": Limn, "onnxruntime": OnnxRuntime, "openvino": OpenVino, "ncnn": Ncnn, "opencv": OpenCv, "torch": Torch,
    "limn-bf16": LimnBfloat16, "openvino-bf16": OpenVinoBfloat16, "ncnn-bf16": NcnnBfloat16,
    "torch-bf16": TorchBfloat16, "limn-int8": LimnInt8, "openvino-int8": OpenVinoInt8,
}


def precision(name):
    """What an engine computes in: float32, bfloat16 or int8."""
    return ENGINES[name].precision


def version(name):
    """The version of an engine's package; empty for Limn, which is the commit that is measured."""
    package = ENGINES[name].package
    return importlib.metadata.version(package) if package else ""
