import Annotate
import Synchronization

@testable import limn

/// A failure made on purpose.
struct FakeError: Error, CustomStringConvertible {
  let description: String
}

/// Finds one box that fills the picture; pictures of width 13 fail.
struct FakeDetector: Detector {
  struct Options: Sendable {}

  var labels = ["cat", "dog"]
  var onDetect: @Sendable (Image) -> Void = { _ in }

  func detect(_ image: Image, options: Options) throws -> [Detection] {
    onDetect(image)
    if image.width == 13 { throw FakeError(description: "width 13 is unlucky") }
    let box = Box(x1: 0, y1: 0, x2: Float(image.width), y2: Float(image.height))
    return [Detection(box: box, score: 0.5, classID: 1, label: labels[1])]
  }
}

enum Fakes {
  /// A black picture as wide as the number in its path, one pixel high; paths without a number fail.
  static func decode(_ path: String) throws -> ReducedImage {
    guard let width = Int(path.split(separator: "/").last?.prefix { $0 != "." } ?? "") else {
      throw FakeError(description: "\(path): no number")
    }
    return ReducedImage(try Image(width: width, height: 1, pixels: [UInt8](repeating: 0, count: width * 3)))
  }

  static func items(_ names: [String]) -> [InputList.Item] {
    names.map { .image(name: $0, path: "/pictures/" + $0) }
  }

  static func reporter(
    _ log: Log = Log(), total: Int = 1, isQuiet: Bool = false, isTerminal: Bool = false
  ) -> Reporter {
    Reporter(total: total, isQuiet: isQuiet, isTerminal: isTerminal) { log.append($0) }
  }
}

/// Text and events in the order they came, from any thread.
final class Log: Sendable {
  private let entries = Mutex<[String]>([])

  var all: [String] { entries.withLock { $0 } }

  func append(_ entry: String) { entries.withLock { $0.append(entry) } }
}

/// Keeps what it is given in a log; refuses names that begin with 99.
struct LogWriter: AnnotationWriter, ~Copyable {
  let log: Log
  var notes: [String] = []

  mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    if image.name.hasPrefix("99") { throw .invalidImage("\(image.name): not in this format") }
    log.append("\(image.name) \(image.width) \(image.detections.count)")
  }

  mutating func writeFailure(name: String, reason: String) throws(AnnotationError) { log.append("\(name): \(reason)") }

  consuming func finish() throws(AnnotationError) { log.append("finished") }
}
