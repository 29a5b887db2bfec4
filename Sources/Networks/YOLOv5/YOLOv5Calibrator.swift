import Synchronization
import Tensor

/// Calibrates YOLOv5 for `Precision.int8`: runs it in single precision on pictures and keeps the ranges of its maps.
///
/// A hundred pictures like those to be annotated are plenty. The file written holds the weights as they were and the
/// ranges as the text `int8` of its metadata; it serves every precision.
public struct YOLOv5Calibrator: Sendable {
  private let network: YOLOv5
  private let file: WeightFile
  private let size: Int
  private let average = RangeAverage()

  /// Opens the weights.
  ///
  /// - Parameters:
  ///   - path: A weight file, as `YOLOv5.init(weights:precision:engine:)` takes it.
  ///   - size: The longer side of the network's input, a multiple of 32, at most 4096.
  ///   - engine: What to run on; by default the CPU's highest level and all its cores.
  /// - Throws: `WeightFileError`, `TensorError`.
  public init(weights path: String, size: Int = 640, engine: Engine? = nil) throws {
    try self.init(weights: WeightFile(path: path), size: size, engine: engine)
  }

  /// The same for an opened weight file.
  public init(weights file: WeightFile, size: Int = 640, engine: Engine? = nil) throws {
    var options = YOLOv5.Options()
    options.size = size
    try options.validate()
    network = try YOLOv5(weights: file, engine: engine)
    self.file = file
    self.size = size
  }

  /// Runs the network on a picture and notes what its maps hold.
  ///
  /// - Throws: `CancellationError` where the task was cancelled; nothing is noted then.
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

  /// Writes the weights and the ranges as safetensors, whole or not at all.
  ///
  /// - Throws: `TensorError.invalidParameter` where no picture was observed, `WeightFileError` where the file cannot be
  ///   written.
  public func write(to path: String) throws {
    let calibration = average.calibration
    guard !calibration.ranges.isEmpty else {
      throw TensorError.invalidParameter("a calibration needs at least one picture, got none")
    }
    try YOLOv5.convert(file, to: path, adding: [Calibration.key: calibration.text])
  }
}
