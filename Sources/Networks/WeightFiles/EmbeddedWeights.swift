import CWeights
import Tensor

/// The weights that are part of Limn: small networks under Limn's own licence, trained on drawn scenes, for coins,
/// discs, rectangles, triangles, stars and rings. Weights/README.md says what they find and what they confuse.
public enum EmbeddedWeights: String, Sendable, CaseIterable {
  /// A YOLOv5.
  case yolov5 = "limn-yolov5"
  /// A Mask R-CNN.
  case maskRCNN = "limn-maskrcnn"

  /// Their bytes: a safetensors file in the memory of the program.
  var mapping: FileMapping {
    let weights =
      switch self {
      case .yolov5: limn_yolov5_weights()
      case .maskRCNN: limn_maskrcnn_weights()
      }
    return FileMapping(constant: UnsafeRawBufferPointer(start: weights.bytes, count: weights.count))
  }
}

extension WeightFile {
  /// Opens weights that are part of Limn.
  ///
  /// - Throws: `WeightFileError` where they were replaced by a file that is none.
  public init(embedded weights: EmbeddedWeights) throws(WeightFileError) {
    try self.init(weights.mapping, path: weights.rawValue)
  }
}

extension YOLOv5 {
  /// Loads the embedded weights.
  ///
  /// - Parameter engine: What to run on; by default the CPU's highest level and all its cores.
  /// - Throws: `TensorError` for a `LIMN_LEVEL` that this CPU lacks.
  public init(engine: Engine? = nil) throws {
    try self.init(weights: WeightFile(embedded: .yolov5), engine: engine)
  }
}

extension MaskRCNN {
  /// Loads the embedded weights.
  ///
  /// - Parameter engine: What to run on; by default the CPU's highest level and all its cores.
  /// - Throws: `TensorError` for a `LIMN_LEVEL` that this CPU lacks.
  public init(engine: Engine? = nil) throws {
    try self.init(weights: WeightFile(embedded: .maskRCNN), engine: engine)
  }
}
