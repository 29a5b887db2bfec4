import TestSupport

@testable import Annotate

/// Finds one box that fills the picture; pictures of width 13 fail.
struct FakeDetector: Detector {
  var labels = ["cat", "dog"]
  var onDetect: @Sendable (Image) throws -> Void = { _ in }

  func detect(_ image: Image, options: DetectionOptions) throws -> [Detection] {
    try onDetect(image)
    if image.width == 13 { throw FakeError(description: "width 13 is unlucky") }
    let box = Box(x1: 0, y1: 0, x2: Float(image.width), y2: Float(image.height))
    return [Detection(box: box, score: 0.5, classID: 1, label: labels[1])]
  }
}

enum Fakes {
  static func image(width: Int, height: Int = 1) throws -> Image {
    try Image(width: width, height: height, pixels: [UInt8](repeating: 0, count: width * height * 3))
  }

  /// A black picture as wide as the number in its path, one pixel high; paths without a number fail.
  static func decode(_ path: String) throws -> ReducedImage {
    guard let width = Int(path.split(separator: "/").last?.prefix { $0 != "." } ?? "") else {
      throw FakeError(description: "\(path): no number")
    }
    return ReducedImage(try image(width: width))
  }

  static func items(_ names: [String]) -> [Pipeline.Item] {
    names.map { Pipeline.Item(input: .image(name: $0, path: "/pictures/" + $0)) }
  }

  /// A pipeline over what the other fakes are.
  static func pipeline(_ log: Log = Log(), detector: FakeDetector = FakeDetector()) -> Pipeline {
    var pipeline = Pipeline(onEvent: { log.append(text($0)) }) { try detector.detect($0) }
    pipeline.decode = decode
    return pipeline
  }

  /// An event in a few words.
  static func text(_ event: AnnotationEvent) -> String {
    switch event {
    case .started(let count): "started \(count)"
    case .annotated(let image): "\(image.name) \(image.width) \(image.detections.count)"
    case .failed(let name, let reason): "failed \(name): \(reason)"
    case .note(let note): "note \(note)"
    }
  }
}

/// Keeps what it is given in a log; refuses names that begin with 99.
struct LogWriter: AnnotationWriter {
  let log: Log
  var notes: [String] = []

  mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    if image.name.hasPrefix("99") { throw .invalidImage("\(image.name): not in this format") }
    log.append("\(image.name) \(image.width) \(image.detections.count)")
  }

  mutating func writeFailure(name: String, reason: String) throws(AnnotationError) { log.append("\(name): \(reason)") }

  mutating func finish() throws(AnnotationError) { log.append("finished") }
}
