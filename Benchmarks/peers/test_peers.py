"""Tests of the readers, the graphs and the protocol, on a small network of random values: they need no weights."""

import collections
import io
import json
import os
import pathlib
import pickle
import sys
import tempfile
import types
import unittest
import xml.etree.ElementTree
import zipfile

import numpy as np

import checkpoint
import chart
import child
import detections
import engines
import export_onnx
import measure
import measure_all
import measure_maskrcnn
import turns
import yolov5

HERE = pathlib.Path(__file__).parent
CLASSES = 2


def random_tensors(channels=8, depth=1, seed=1):
    """The tensors of a YOLOv5 whose first layer has `channels`, with `depth` bottlenecks in each C3."""
    random = np.random.default_rng(seed)
    tensors = {}

    def conv(name, inputs, outputs, kernel):
        scale = 1 / np.sqrt(inputs * kernel * kernel)
        tensors[f"{name}.conv.weight"] = random.normal(0, scale, (outputs, inputs, kernel, kernel)).astype(np.float32)
        tensors[f"{name}.bn.weight"] = random.uniform(0.5, 2, outputs).astype(np.float32)
        tensors[f"{name}.bn.bias"] = random.normal(0, 0.1, outputs).astype(np.float32)
        tensors[f"{name}.bn.running_mean"] = random.normal(0, 0.1, outputs).astype(np.float32)
        tensors[f"{name}.bn.running_var"] = random.uniform(0.5, 2, outputs).astype(np.float32)
        tensors[f"{name}.bn.num_batches_tracked"] = np.array(3, np.int64)
        return outputs

    def c3(name, inputs, outputs):
        hidden = outputs // 2
        conv(f"{name}.cv1", inputs, hidden, 1)
        conv(f"{name}.cv2", inputs, hidden, 1)
        for index in range(depth):
            conv(f"{name}.m.{index}.cv1", hidden, hidden, 1)
            conv(f"{name}.m.{index}.cv2", hidden, hidden, 3)
        return conv(f"{name}.cv3", 2 * hidden, outputs, 1)

    widths = {0: 1, 1: 2, 2: 2, 3: 4, 4: 4, 5: 8, 6: 8, 7: 16, 8: 16, 9: 16, 10: 8, 13: 8, 14: 4, 17: 4, 18: 4, 20: 8,
              21: 8, 23: 16}
    outputs, inputs = [], 3
    for index, kind in enumerate(yolov5.LAYERS):
        name, width = f"model.{index}", widths.get(index, 0) * channels
        if kind == "Conv":
            kernel = 6 if index == 0 else 1 if index in (10, 14) else 3
            inputs = conv(name, inputs, width, kernel)
        elif kind == "C3":
            inputs = c3(name, inputs, width)
        elif kind == "SPPF":
            hidden = conv(f"{name}.cv1", inputs, inputs // 2, 1)
            inputs = conv(f"{name}.cv2", 4 * hidden, width, 1)
        elif kind == "Concat":
            inputs += outputs[yolov5.CONCATENATED_WITH[index]]
        elif kind == "Detect":
            for level, source in enumerate(yolov5.DETECTED):
                shape = (3 * (5 + CLASSES), outputs[source], 1, 1)
                tensors[f"{name}.m.{level}.weight"] = random.normal(0, 0.1, shape).astype(np.float32)
                tensors[f"{name}.m.{level}.bias"] = random.normal(0, 0.1, shape[0]).astype(np.float32)
            tensors[f"{name}.anchors"] = random.uniform(1, 10, (3, 3, 2)).astype(np.float32)
        outputs.append(inputs)
    return tensors


def write_weights(path, tensors, metadata):
    header, offset, parts = {"__metadata__": metadata}, 0, []
    for name, array in tensors.items():
        kind = {"float32": "F32", "int64": "I64", "float16": "F16"}[str(array.dtype)]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
        parts.append(array.tobytes())
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(parts))


METADATA = {"epsilon": "0.001", "strides": "[8, 16, 32]"}


class Temporary(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.weights = self.folder / "weights.safetensors"
        self.tensors = random_tensors()
        write_weights(self.weights, self.tensors, METADATA)


class GraphTests(Temporary):
    def test_engines_agree_on_both_drawings(self):
        picture = measure.synthetic_picture(96, 64)
        expected = engines.OnnxRuntime(self.weights, 96, 64, 1).output(picture)
        self.assertEqual(expected.shape, (3 * (12 * 8 + 6 * 4 + 3 * 2), 5 + CLASSES))
        for name in ("openvino", "ncnn", "opencv", "torch"):
            with self.subTest(engine=name):
                try:
                    engine = engines.ENGINES[name](self.weights, 96, 64, 1)
                except ImportError:
                    self.skipTest(f"{name} is not installed")
                _, relative, scores = export_onnx.differences(engine.output(picture), expected)
                self.assertLess(max(relative, scores), 1e-3)

    def test_boxes_are_decoded_to_pixels(self):
        """With all weights of the head zero, every value is the sigmoid of its bias."""
        for level in range(3):
            self.tensors[f"model.24.m.{level}.weight"][:] = 0
            self.tensors[f"model.24.m.{level}.bias"][:] = 0
        write_weights(self.weights, self.tensors, METADATA)
        output = engines.OnnxRuntime(self.weights, 64, 32, 1).output(measure.synthetic_picture(64, 32))
        anchors = self.tensors["model.24.anchors"]
        np.testing.assert_allclose(output[0], [4, 4, *anchors[0, 0] * 8, 0.5, 0.5, 0.5], rtol=1e-6)
        np.testing.assert_allclose(output[1, :2], [12, 4], rtol=1e-6)
        np.testing.assert_allclose(output[4, :2], [4, 12], rtol=1e-6)
        np.testing.assert_allclose(output[-1], [16, 48, *anchors[2, 2] * 32, 0.5, 0.5, 0.5], rtol=1e-6)

    def test_batch_normalisation_is_folded_with_its_epsilon(self):
        tensors = {k: v for k, v in self.tensors.items() if k.startswith("model.0.")}
        seen = {}

        class Builder:
            def convolution(self, name, x, weight, bias, **_):
                seen[name] = weight, bias

        network = yolov5.Network(checkpoint.Checkpoint(tensors, 0.5, (8, 16, 32), None), Builder())
        network.conv("model.0", None)
        scale = tensors["model.0.bn.weight"] / np.sqrt(tensors["model.0.bn.running_var"] + 0.5)
        weight, bias = seen["model.0"]
        np.testing.assert_allclose(weight[3], tensors["model.0.conv.weight"][3] * scale[3], rtol=1e-6)
        np.testing.assert_allclose(
            bias, tensors["model.0.bn.bias"] - tensors["model.0.bn.running_mean"] * scale, rtol=1e-5, atol=1e-6)

    def test_missing_and_left_over_tensors_are_named(self):
        for change, message in (
            (lambda t: t.pop("model.9.cv1.bn.bias"), "model.9.cv1.bn.bias"),
            (lambda t: t.update({"model.9.extra": np.zeros(1, np.float32)}), "model.9.extra"),
        ):
            tensors = random_tensors()
            change(tensors)
            write_weights(self.weights, tensors, METADATA)
            with self.assertRaisesRegex(checkpoint.CheckpointError, message):
                export_onnx.build(self.weights, 64, 64)

    def test_sides_are_multiples_of_32(self):
        with self.assertRaisesRegex(checkpoint.CheckpointError, "100x64"):
            export_onnx.build(self.weights, 100, 64)


class CheckpointTests(Temporary):
    def write_torch(self, pickled, storage=np.arange(12, dtype=np.float16)):
        path = self.folder / "weights.pt"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", pickled)
            archive.writestr("archive/data/0", storage.tobytes())
        return path

    def test_a_pickle_calls_nothing(self):
        marker = self.folder / "executed"
        pickled = b"cposix\nsystem\n(X" + len(f"touch {marker}").to_bytes(4, "little")
        pickled += f"touch {marker}".encode() + b"tR."
        with self.assertRaises(checkpoint.CheckpointError):
            checkpoint.read(self.write_torch(pickled))
        self.assertFalse(marker.exists())
        # The same bytes do call it in an unrestricted reader, or this test would prove nothing.
        pickle.loads(pickled)
        self.assertTrue(marker.exists())

    def test_a_tensor_must_stay_inside_its_storage(self):
        storage = np.arange(12, dtype=np.float32)
        view = checkpoint.rebuild_tensor(storage, 1, (2, 3), (1, 2))
        np.testing.assert_array_equal(view, [[1, 3, 5], [2, 4, 6]])
        for offset, shape, strides in ((7, (2, 3), (3, 1)), (-1, (2,), (1,)), (0, (2,), (-1,)), (0, (2, 2), (1,))):
            with self.assertRaises(checkpoint.CheckpointError):
                checkpoint.rebuild_tensor(storage, offset, shape, strides)

    def test_the_state_dict_of_a_module(self):
        def module(parameters=None, buffers=None, modules=None, transient=()):
            return types.SimpleNamespace(
                _parameters=parameters or {}, _buffers=buffers or {}, _modules=modules or {},
                _non_persistent_buffers_set=set(transient))

        child = module({"weight": 1, "bias": None}, {"mean": 2, "grid": 3}, transient=["grid"])
        tensors = {}
        checkpoint.collect_state(module({"scale": 0}, modules={"m": child}), "", tensors)
        self.assertEqual(tensors, {"scale": 0, "m.weight": 1, "m.mean": 2})

    def test_what_is_no_checkpoint_is_refused(self):
        truncated = self.folder / "truncated.pt"
        truncated.write_bytes(self.write_torch(pickle.dumps({}, 2)).read_bytes()[:-40])
        with self.assertRaisesRegex(checkpoint.CheckpointError, "truncated"):
            checkpoint.read(truncated)
        with self.assertRaisesRegex(checkpoint.CheckpointError, "neither"):
            checkpoint.read(self.write_torch(pickle.dumps(collections.OrderedDict(a=1), 2)))
        long = self.folder / "long.safetensors"
        long.write_bytes((1 << 60).to_bytes(8, "little") + b"{}")
        with self.assertRaisesRegex(checkpoint.CheckpointError, str(1 << 60)):
            checkpoint.read(long)
        write_weights(self.weights, self.tensors, {})
        with self.assertRaisesRegex(checkpoint.CheckpointError, "epsilon"):
            checkpoint.read(self.weights)

    def test_bfloat16_is_widened(self):
        header = json.dumps({"a": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}).encode()
        self.weights.write_bytes(len(header).to_bytes(8, "little") + header + bytes([0x80, 0x3F, 0x20, 0xC0]))
        tensors, _ = checkpoint.read_safetensors_file(self.weights)
        np.testing.assert_array_equal(tensors["a"], [1, -2.5])


class MeasureTests(Temporary):
    def child(self, *flags):
        return " ".join([sys.executable, str(HERE / "mock_limn_bench.py"), *flags])

    def run_measure(self, *arguments):
        """The exit message (None when all is well) and the report."""
        report = self.folder / "report.md"
        sys.argv = ["measure.py", "--weights", str(self.weights), "--size", "64", "--rounds", "2", "--threads", "1"]
        sys.argv += ["--pause", "0", "--out", str(report), *arguments]
        output, sys.stdout, errors, sys.stderr = sys.stdout, io.StringIO(), sys.stderr, io.StringIO()
        try:
            measure.main()
        except SystemExit as exit:
            return str(exit.code), None
        finally:
            sys.stdout, sys.stderr = output, errors
        return None, report.read_text()

    def test_a_report_has_a_row_for_each_engine(self):
        failure, report = self.run_measure("--limn", self.child())
        self.assertIsNone(failure)
        rows = [line for line in report.splitlines() if line.startswith(("| limn", "| onnxruntime"))]
        self.assertEqual(len(rows), 2)
        self.assertRegex(rows[1], r"\| \d+\.\d{3} \|$")

    def test_a_wrong_answer_is_not_timed(self):
        failure, _ = self.run_measure("--limn", self.child("--wrong"))
        self.assertIn("limn is wrong", failure)

    def test_a_child_that_is_missing_or_ends_is_an_error(self):
        self.assertIn("cannot start", self.run_measure("--limn", str(self.folder / "none"))[0])
        self.assertIn("ended", self.run_measure("--limn", "true")[0])

    def test_the_ratio_can_be_bounded(self):
        failure, _ = self.run_measure("--limn", self.child(), "--max-ratio", "0.0001")
        self.assertIn("more than 0.0001", failure)

    def test_turns_rotate(self):
        turns = []

        class Engine:
            def __init__(self, name):
                self.name = name

            def seconds(self):
                turns.append(self.name)
                return float(len(turns))

        samples = measure.measure({"a": Engine("a"), "b": Engine("b")}, rounds=2, pause=0)
        self.assertEqual("".join(turns), "aabbbbaa")
        self.assertEqual(samples, {"a": [2, 8], "b": [4, 6]})


class MaskRCNNTests(Temporary):
    ROW = np.array([[10, 20, 30, 40, 2, 0.5, 200]], np.float32)

    def test_a_detection_is_paired_within_the_tolerances(self):
        for change, count in (
            ((0, 0, 0, 0, 0, 0, 0), 1), ((0.9, -0.9, 0.9, -0.9, 0, 0.004, 5), 1), ((0, 0, 1.1, 0, 0, 0, 0), 0),
            ((0, 0, 0, 0, 1, 0, 0), 0), ((0, 0, 0, 0, 0, -0.006, 0), 0), ((0, 0, 0, 0, 0, 0, -7), 0),
        ):
            with self.subTest(change=change):
                found = self.ROW + np.array(change, np.float32)
                self.assertEqual(measure_maskrcnn.paired(self.ROW, found), (count, 1))

    def test_one_detection_is_paired_once_and_low_scores_do_not_count(self):
        twice = np.repeat(self.ROW, 2, 0)
        self.assertEqual(measure_maskrcnn.paired(twice, self.ROW), (1, 2))
        low = self.ROW * np.array([1, 1, 1, 1, 1, 0.1, 1], np.float32)
        self.assertEqual(measure_maskrcnn.paired(low, self.ROW[:0]), (0, 0))

    def test_too_few_are_an_error(self):
        rows = np.repeat(self.ROW, 20, 0)
        self.assertIn("19 of 20", measure_maskrcnn.check("limn", rows, rows[:19]))
        for expected, found, message in ((rows, rows[:18], "18 of 20"), (rows[:0], rows, "nothing above")):
            with self.assertRaisesRegex(child.EngineError, message):
                measure_maskrcnn.check("limn", expected, found)

    def test_the_child_is_given_the_picture_and_answers_rows(self):
        script = self.folder / "bench.py"
        script.write_text(
            "import sys\n"
            f"sys.path.insert(0, {str(HERE)!r})\n"
            "import checkpoint\n"
            "assert sys.argv[1:] == 'maskrcnn --weights w.pth --min-size 8 --max-size 9 --threads 3 --serve'.split()\n"
            "for line in sys.stdin:\n"
            "    command, *paths = line.split()\n"
            "    if command == 'check':\n"
            "        tensors, _ = checkpoint.read_safetensors_file(paths[0])\n"
            "        picture = tensors['picture']\n"
            "        (picture.reshape(-1)[:7] + picture.shape[0]).astype('<f4').tofile(paths[1])\n"
            "    print('ok' if command == 'check' else 0.25, flush=True)\n")
        engine = measure_maskrcnn.Limn("w.pth", 3, (8, 9), f"{sys.executable} {script}")
        picture = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
        np.testing.assert_array_equal(engine.output(picture), [[2, 3, 4, 5, 6, 7, 8]])
        self.assertEqual(engine.seconds(), 0.25)
        engine.close()


class DetectionTests(unittest.TestCase):
    @staticmethod
    def output(*rows):
        """Rows of centre, size, objectness and the scores of two classes."""
        return np.array(rows, np.float32)

    def test_the_best_of_overlapping_boxes_of_a_class_stays(self):
        rows = detections.detections(self.output(
            (10, 10, 10, 10, 0.9, 0.9, 0), (11, 10, 10, 10, 1, 0.9, 0), (10, 10, 10, 10, 1, 0, 0.5),
            (50, 50, 10, 10, 1, 0.2, 0)))
        np.testing.assert_allclose(rows[:, 4], [0.9, 0.5])
        np.testing.assert_allclose(rows[0, :4], [6, 5, 16, 15])
        np.testing.assert_array_equal(rows[:, 5], [0, 1])
        self.assertEqual(detections.detections(self.output((0, 0, 1, 1, 0, 0, 0))).shape, (0, 6))

    def test_clear_objects_are_found_once_by_class_and_place(self):
        wanted = np.array([[0, 0, 10, 10, 0.9, 0], [1, 0, 11, 10, 0.8, 0], [30, 30, 40, 40, 0.3, 0]], float)
        for rows, count in (
            (wanted, 2), (wanted[:1], 1), (wanted[:0], 0), (wanted + np.array([0, 0, 0, 0, 0, 1]), 0),
            (wanted + np.array([4, 0, 4, 0, 0, 0]), 0), (wanted * np.array([1, 1, 1, 1, 0.1, 1]), 2),
        ):
            self.assertEqual(detections.found(wanted, rows), (count, 2))
        self.assertEqual(detections.found(wanted[:0], wanted), (0, 0))


class TurnTests(unittest.TestCase):
    SAMPLES = {"limn": [1, 2, 3], "peer": [4, 4, 4], "limn-int8": [1, 1, 1], "peer-int8": [2, 2, 2]}

    def test_ratios_are_of_one_precision(self):
        rows = turns.table({"peer-int8": [2, 2], **self.SAMPLES}, 1, lambda name: "")
        self.assertEqual([row.split()[1] for row in rows], ["limn", "peer", "peer-int8", "limn-int8"])
        self.assertEqual([row.split("|")[-2].strip() for row in rows], ["", "0.500", "0.500", ""])
        self.assertEqual(turns.worst_ratio(self.SAMPLES), 0.5)
        self.assertEqual(turns.worst_ratio({"peer": [1, 1]}), 0)
        self.assertIsNone(turns.ratio_of(self.SAMPLES, "limn-bf16", "peer"))

    def test_names_say_the_precision(self):
        for name in engines.ENGINES:
            self.assertEqual(turns.precision_of(name), engines.precision(name))


class AllTests(unittest.TestCase):
    YOLOV5 = {
        1: {"limn": [2.0, 2.0], "onnxruntime": [4.0, 4.0], "ncnn": [3.0, 3.0]},
        2: {"limn": [1.0, 1.0], "onnxruntime": [2.0, 2.0], "openvino-bf16": [1.0, 1.0], "limn-bf16": [0.5, 0.5]},
    }

    def test_targets_are_against_the_fastest(self):
        rows = measure_all.targets(self.YOLOV5, {2: {"limn": [1, 1], "torchvision": [4, 4]}}, 1.2)
        self.assertEqual(
            [(row[0], row[2], round(row[3], 3)) for row in rows],
            [("YOLOv5s, float32", 1, 0.667), ("YOLOv5s, float32", 2, 0.5), ("YOLOv5s, bfloat16", 2, 0.5),
             ("Mask R-CNN v2, float32", 2, 0.25), ("a folder of photographs to COCO", 2, 1.2),
             ("YOLOv5s, float32, 2 threads", 2, 0.5)])
        self.assertIn("ncnn", rows[0][1])

    def test_the_chart_is_well_formed_and_has_a_bar_for_each_median(self):
        groups = measure_all.groups(self.YOLOV5, {})
        self.assertEqual([title.split(", ")[2] for title, _ in groups], ["float32", "bfloat16"])
        drawn = xml.etree.ElementTree.fromstring(chart.draw(groups))
        bars = [element for element in drawn if element.tag.endswith("rect")]
        self.assertEqual([bar.get("class") for bar in bars], ["limn", "other", "limn", "other"])
        self.assertEqual(float(bars[1].get("width")), 2 * float(bars[0].get("width")))


if __name__ == "__main__":
    os.chdir(HERE)
    unittest.main()
