import Tensor

/// Finds objects in pictures. Detectors are immutable values, safe to share between tasks.
public protocol Detector: Sendable {
  /// What a caller may choose for each call.
  associatedtype Options: Sendable

  /// The class names, indexed by `Detection.classID`.
  var labels: [String] { get }

  /// Finds the objects of one picture, by falling score.
  func detect(_ image: Image, options: Options) throws -> [Detection]
}
