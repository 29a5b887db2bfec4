import JSON
import Tensor

extension YOLOv5 {
  /// Rewrites a YOLOv5 weight file as safetensors: the same tensors in the same precision, and in the metadata
  /// `architecture` (`yolov5`), `names` (a JSON list), `strides` (a JSON list), `epsilon`; what else the metadata of
  /// `input` said stays. Anchors are the tensor `model.24.anchors`. The result appears whole or not at all.
  ///
  /// - Throws: `WeightFileError` as `init(weights:engine:)` does, or where `output` cannot be written.
  public static func convert(from input: String, to output: String) throws {
    try convert(WeightFile(path: input), to: output, adding: [:])
  }

  /// The same with more texts in the metadata.
  static func convert(_ file: WeightFile, to output: String, adding texts: [String: String]) throws {
    // Building the network proves that nothing is missing, misshapen or left over.
    let configuration = try YOLOv5(weights: file, engine: Engine(threads: 1)).configuration
    try file.requireOneEpsilon()
    let metadata = [
      "architecture": "yolov5",
      "names": JSONText.array(configuration.names),
      "strides": "[" + configuration.strides.map(String.init).joined(separator: ",") + "]",
      "epsilon": String(configuration.epsilon),
    ]
    try file.rewrite(to: output, metadata: metadata.merging(texts) { _, new in new })
  }
}
