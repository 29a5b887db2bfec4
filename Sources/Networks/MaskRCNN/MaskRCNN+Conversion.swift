import JSON
import Tensor

extension MaskRCNN {
  /// Rewrites a Mask R-CNN weight file as safetensors: the same tensors in the same precision, and in the metadata
  /// `architecture` (`maskrcnn_resnet50_fpn` or `maskrcnn_resnet50_fpn_v2`), `names` (a JSON list, the background
  /// first), `epsilon`, `min_size` and `max_size`; what else the metadata of `input` said stays. The result appears whole
  /// or not at all.
  ///
  /// - Parameters:
  ///   - input: The weight file to read.
  ///   - output: The safetensors file to write.
  ///   - labels: The class names, the background first; by default those that loading the file would give.
  /// - Throws: As `init(weights:labels:precision:engine:)` does, or `WeightFileError` where `output` cannot be written.
  public static func convert(from input: String, to output: String, labels: [String]? = nil) throws {
    let file = try WeightFile(path: input)
    // Building the network proves that nothing is missing, misshapen or left over.
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
