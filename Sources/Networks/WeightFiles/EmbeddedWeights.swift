import CWeights
import Tensor

/// The weights embedded in Limn: small networks under Limn's own licence, trained on drawn scenes to find coins, discs,
/// rectangles, triangles, stars and rings. They are not meant for photographs; see Weights/README.md for their
/// accuracy.
public enum EmbeddedWeights: String, Sendable, CaseIterable {
  /// A small YOLOv5.
  case yolov5 = "limn-yolov5"
  /// A small Mask R-CNN.
  case maskRCNN = "limn-maskrcnn"

  /// The network that they are for.
  public var architecture: Architecture {
    switch self {
    case .yolov5: .yolov5
    case .maskRCNN: .maskRCNN
    }
  }

  /// The bytes of the safetensors file, which is part of the program.
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
  /// Opens embedded weights.
  ///
  /// - Throws: `WeightFileError` if a build of Limn has replaced them by a file that is not a weight file.
  public init(embedded weights: EmbeddedWeights) throws(WeightFileError) {
    try self.init(weights.mapping, path: weights.rawValue)
  }
}

extension YOLOv5 {
  /// Loads the embedded YOLOv5, which knows coins, discs, rectangles, triangles, stars and rings in drawn scenes.
  ///
  /// - Parameter engine: The engine to run on; by default one with the CPU's highest level and all its cores.
  /// - Throws: `TensorError` for a `LIMN_LEVEL` that this CPU lacks.
  public init(engine: Engine? = nil) throws {
    try self.init(weights: WeightFile(embedded: .yolov5), engine: engine)
  }
}

extension MaskRCNN {
  /// Loads the embedded Mask R-CNN, which knows coins, discs, rectangles, triangles, stars and rings in drawn scenes.
  ///
  /// - Parameter engine: The engine to run on; by default one with the CPU's highest level and all its cores.
  /// - Throws: `TensorError` for a `LIMN_LEVEL` that this CPU lacks.
  public init(engine: Engine? = nil) throws {
    try self.init(weights: WeightFile(embedded: .maskRCNN), engine: engine)
  }
}
