import Synchronization
import Tensor

/// Calibrates a YOLOv5 for `Precision.int8`: it runs the network in single precision on images and measures the ranges
/// of its feature maps.
///
/// A hundred images like those to be annotated are enough. The written file has the unchanged weights, and the ranges
/// in its metadata under `int8`. It can be used with every precision.
public struct YOLOv5Calibrator: Sendable {
  private let network: YOLOv5
  private let file: WeightFile
  private let size: Int
  private let average = RangeAverage()

  /// Makes a calibrator for a weight file.
  ///
  /// - Parameters:
  ///   - path: A weight file that `YOLOv5.init(weights:precision:engine:)` can load.
  ///   - size: The longest side of the network's input in pixels, a multiple of 32, at most 4096.
  ///   - engine: The engine to run on; by default one with the CPU's highest level and all its cores.
  /// - Throws: `WeightFileError` if the file cannot be loaded, `SceneError.invalidParameter` for a size out of range,
  ///   `TensorError` for a `LIMN_LEVEL` that this CPU lacks.
  public init(weights path: String, size: Int = 640, engine: Engine? = nil) throws {
    try self.init(weights: WeightFile(path: path), size: size, engine: engine)
  }

  /// Makes a calibrator for an open weight file.
  ///
  /// - Parameters:
  ///   - file: A weight file that `YOLOv5.init(weights:precision:engine:)` can load.
  ///   - size: The longest side of the network's input in pixels, a multiple of 32, at most 4096.
  ///   - engine: The engine to run on; by default one with the CPU's highest level and all its cores.
  /// - Throws: `WeightFileError` if the file cannot be loaded, `SceneError.invalidParameter` for a size out of range,
  ///   `TensorError` for a `LIMN_LEVEL` that this CPU lacks.
  public init(weights file: WeightFile, size: Int = 640, engine: Engine? = nil) throws {
    var options = YOLOv5.Options()
    options.size = size
    try options.validate()
    network = try YOLOv5(weights: file, engine: engine)
    self.file = file
    self.size = size
  }

  /// Runs the network on an image and measures the ranges of its feature maps.
  ///
  /// - Throws: `CancellationError` if the task was cancelled; the image then does not count.
  public func observe(_ image: Image) throws {
    let letterbox = Letterbox(image, size: size, isSquare: false)
    let observer = MapObserver()
    try network.engine.withWorkspace { workspace in
      var workspace = workspace
      workspace.observe = { observer.observe($0, $1) }
      _ = try network.network(image, letterbox, workspace)
    }
    average.add(observer.ranges)
  }

  /// Writes the weights and the ranges to a safetensors file, atomically.
  ///
  /// - Throws: `TensorError.invalidParameter` if no image was observed, `WeightFileError` if the file cannot be
  ///   written.
  public func write(to path: String) throws {
    let calibration = average.calibration
    guard !calibration.ranges.isEmpty else {
      throw TensorError.invalidParameter("a calibration needs at least one image, got none")
    }
    try YOLOv5.convert(file, to: path, adding: [Calibration.key: calibration.text])
  }
}
