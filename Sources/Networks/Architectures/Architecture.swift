import Tensor

/// An architecture that Limn runs, with all by which the rest of the library and the command know it.
///
/// `WeightFile.network` says which one a file has:
///
///     let file = try WeightFile(path: "best.pt")
///     let architecture = try file.requireArchitecture()
///     let detector = try architecture.detector(weights: file)
///     print(architecture.name, detector.labels)
public struct Architecture: Sendable {
  /// What a detector of an architecture finds.
  public enum Output: Sendable, Hashable {
    /// Labelled boxes.
    case boxes
    /// Labelled boxes, each with a mask.
    case masks
  }

  /// The architectures that Limn runs. Another one is one more entry here, and a folder with its network.
  public static let all: [Architecture] = [.yolov5, .maskRCNN]

  /// The name, such as `YOLOv5`.
  public let name: String
  /// What its detectors find.
  public let output: Output
  /// The number formats in which it runs.
  public let precisions: Set<Precision>

  /// The variants that Limn runs, as part of a sentence.
  let variants: String
  /// Tensors of which every weight file of the architecture has one. Where all names have a prefix, they show which.
  let landmarks: [String]
  /// The Python modules of the classes of its pickled models, such as `models.yolo`.
  var pythonModules: Set<String> = []
  /// Whether the tensors are those of this architecture, or so similar that the differences can be named. Asked after
  /// `ForeignNetwork.byTensors`.
  let recognizes: @Sendable (NetworkTraces) -> Bool
  /// Throws if the file has a variant that Limn does not run.
  let check: @Sendable (WeightFile) throws(WeightFileError) -> Void
  /// Whether the normalizations of a file are frozen as in this architecture, so that they are no parameters.
  var hasFrozenNormalizations: @Sendable (WeightFile) -> Bool = { _ in false }
  /// Loads a detector.
  let load: @Sendable (WeightFile, Precision, Engine?) throws -> any Detector
  /// Converts a file to safetensors.
  let rewrite: @Sendable (_ file: WeightFile, _ output: String) throws -> Void

  /// Loads a detector of this architecture.
  ///
  /// - Parameters:
  ///   - file: The weight file.
  ///   - precision: The number format of the convolutions.
  ///   - engine: The engine to run on; by default one with the CPU's highest level and all its cores.
  /// - Throws: `WeightFileError` for a file of another network, or of a variant that Limn does not run, with the
  ///   difference; `TensorError` for a `LIMN_LEVEL` that this CPU lacks, or a precision that the level or the
  ///   architecture does not support.
  public func detector(
    weights file: WeightFile, precision: Precision = .float32, engine: Engine? = nil
  ) throws -> any Detector {
    try load(file, precision, engine)
  }

  /// Converts a weight file of this architecture to safetensors, with class names and other settings as metadata. The
  /// file is written atomically.
  ///
  /// - Throws: `WeightFileError` if `file` is not of this architecture, or `output` cannot be written.
  public func convert(_ file: WeightFile, to output: String) throws {
    try rewrite(file, output)
  }
}

extension Architecture: Hashable, CustomStringConvertible {
  /// The name.
  public var description: String { name }

  /// Whether two architectures have the same name.
  public static func == (a: Architecture, b: Architecture) -> Bool { a.name == b.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension WeightFile {
  /// The architecture of the network in the file.
  ///
  /// - Throws: `WeightFileError.otherNetwork` if it is none that Limn runs.
  public func requireArchitecture() throws(WeightFileError) -> Architecture {
    guard case .supported(let found) = network else {
      throw .otherNetwork(path: path, found: network, expected: nil)
    }
    return found
  }

  /// Throws if the file does not have a network of the given architecture, or of a variant that Limn does not run.
  func require(_ expected: Architecture) throws(WeightFileError) {
    // Of another architecture it may still be a variant that Limn does not run.
    if case .supported(let found) = network { try found.check(self) }
    guard network == .supported(expected) else {
      throw .otherNetwork(path: path, found: network, expected: expected)
    }
    try refuseSharing()
  }
}
