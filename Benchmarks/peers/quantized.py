"""YOLOv5 in int8 for OpenVINO, by NNCF's post-training quantisation, kept between runs."""

import hashlib
import importlib.metadata
import pathlib

import detections
import export_onnx
from turns import ROOT

FOLDER = ROOT / ".build" / "peers-int8"
# The decoding behind the last convolutions stays in floats, as NNCF's own example for YOLOv5 has it.
DECODING = [r".*model\.24(\.\d+)?/(?!Conv).*", r".*model\.24\.\d+/.*"]


def build(weights, height, width, photographs):
    """OpenVINO's model, its scales from the photographs."""
    import nncf
    import openvino

    core = openvino.Core()
    paths = detections.photographs(photographs)
    state = hashlib.sha256(pathlib.Path(weights).read_bytes())
    state.update(f"{importlib.metadata.version('nncf')} {height} {width} {[path.name for path in paths]}".encode())
    path = FOLDER / f"{state.hexdigest()[:16]}.xml"
    if not path.exists():
        model = core.read_model(export_onnx.build(weights, height, width).SerializeToString())
        dataset = nncf.Dataset(paths, lambda path: detections.letterboxed(path, height, width)[None])
        model = nncf.quantize(
            model, dataset, preset=nncf.QuantizationPreset.MIXED, subset_size=len(paths),
            ignored_scope=nncf.IgnoredScope(patterns=DECODING, validate=False))
        FOLDER.mkdir(parents=True, exist_ok=True)
        openvino.save_model(model, path, compress_to_fp16=False)
    return core.read_model(path)
