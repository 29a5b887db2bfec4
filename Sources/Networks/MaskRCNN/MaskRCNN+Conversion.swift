import JSON
import Tensor

extension MaskRCNN {
  /// Converts a Mask R-CNN weight file to safetensors.
  ///
  /// The tensors keep their names, values and precision. The metadata get `architecture` (`maskrcnn_resnet50_fpn` or
  /// `maskrcnn_resnet50_fpn_v2`), `names` (a JSON list with the background first), `epsilon`, `min_size` and
  /// `max_size`; other metadata of `input` are kept. The file is written atomically.
  ///
  /// - Parameters:
  ///   - input: The weight file to read.
  ///   - output: The safetensors file to write.
  ///   - labels: The class names, with the background first; by default those of the file, else COCO's for 91 classes.
  /// - Throws: `WeightFileError` if `input` is not a Mask R-CNN that Limn supports, or `output` cannot be written.
  public static func convert(from input: String, to output: String, labels: [String]? = nil) throws {
    try convert(WeightFile(path: input), to: output, labels: labels)
  }

  /// Converts an open Mask R-CNN weight file to safetensors.
  static func convert(_ file: WeightFile, to output: String, labels: [String]? = nil) throws {
    // Building the network checks that no tensor is missing, misshapen or left over.
    _ = try MaskRCNN(weights: file, labels: labels, engine: Engine(threads: 1))
    try file.requireOneEpsilon()
    let configuration = try MaskRCNNConfiguration(WeightReader(file), labels: labels)
    let isSecond = file.entry("roi_heads.box_head.fc6.weight") == nil
    let metadata = [
      "architecture": isSecond ? "maskrcnn_resnet50_fpn_v2" : "maskrcnn_resnet50_fpn",
      "names": JSONText.array(configuration.labels),
      "epsilon": String(configuration.epsilon),
      "min_size": String(configuration.sizes.shorter),
      "max_size": String(configuration.sizes.longer),
    ]
    try file.rewrite(to: output, metadata: metadata)
  }
}
