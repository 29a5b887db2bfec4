"""The engines that are measured, behind one pair of methods.

An engine is made for one weight file, one input shape and one number of threads, in float32:

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
from child import Child, EngineError


class InProcess:
    """An engine that lives in this process; subclasses set `infer`, a call without arguments, in `load`."""

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

    def __init__(self, weights, height, width, threads):
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

    def __init__(self, weights, height, width, threads):
        import openvino

        core = openvino.Core()
        model = core.read_model(export_onnx.build(weights, height, width).SerializeToString())
        self.request = core.compile_model(model, "CPU", {
            "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32", "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
        }).create_infer_request()

    def load(self, picture):
        inputs = [picture[None]]
        self.infer = lambda: self.request.infer(inputs)[0]


class Ncnn(InProcess):
    package = "ncnn"

    def __init__(self, weights, height, width, threads):
        import ncnn

        self.ncnn = ncnn
        self.net = ncnn.Net()
        self.net.opt.num_threads = threads
        self.net.opt.use_fp16_packed = self.net.opt.use_fp16_storage = self.net.opt.use_fp16_arithmetic = False
        self.net.opt.use_bf16_storage = False
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


class OpenCv(InProcess):
    package = "opencv-python-headless"

    def __init__(self, weights, height, width, threads):
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

    package = None

    def __init__(self, weights, height, width, threads, command="limn-bench"):
        size = [str(height)] if height == width else [str(height), str(width)]
        super().__init__(command, ["network", "--weights", str(weights), "--size", *size, "--threads", str(threads)])

    def output(self, picture):
        return self.check({"input": np.ascontiguousarray(picture[None], np.float32)})


ENGINES = {"limn": Limn, "onnxruntime": OnnxRuntime, "openvino": OpenVino, "ncnn": Ncnn, "opencv": OpenCv}


def version(name):
    """The version of an engine's package; empty for Limn, which is the commit that is measured."""
    package = ENGINES[name].package
    return importlib.metadata.version(package) if package else ""
