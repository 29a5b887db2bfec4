import JSON
import Tensor

extension YOLOv5 {
  /// Converts a YOLOv5 weight file to safetensors.
  ///
  /// The tensors keep their names, values and precision; the anchors are the tensor `model.24.anchors`. The metadata
  /// get `architecture` (`yolov5`), `names` (a JSON list), `strides` (a JSON list) and `epsilon`; other metadata of
  /// `input` are kept. The file is written atomically.
  ///
  /// - Parameters:
  ///   - input: The weight file to read.
  ///   - output: The safetensors file to write.
  /// - Throws: `WeightFileError` if `input` is not a YOLOv5 that Limn supports, or `output` cannot be written.
  public static func convert(from input: String, to output: String) throws {
    try convert(WeightFile(path: input), to: output, adding: [:])
  }

  /// Converts an open YOLOv5 weight file to safetensors, with further metadata.
  static func convert(_ file: WeightFile, to output: String, adding texts: [String: String]) throws {
    // Building the network checks that no tensor is missing, misshapen or left over.
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
