import Synchronization
import Tensor

/// The ranges that the maps of a network had on pictures, by the maps' names: what 8-bit arithmetic needs to know.
///
/// In a weight file it is the text `int8` of the metadata: `name least greatest` for each map, separated by semicolons.
struct Calibration: Sendable, Hashable {
  struct Range: Sendable, Hashable {
    var least: Float
    var greatest: Float

    /// Bytes over the range, which is widened to hold 0, with 0 at a byte.
    var format: MapFormat {
      let (least, greatest) = (min(least, 0), max(greatest, 0))
      let scale = max((greatest - least) / 255, 1e-9)
      return MapFormat(.byte, scale: scale, zero: (-least / scale).rounded())
    }
  }

  var ranges: [String: Range]

  static let key = "int8"

  init(ranges: [String: Range]) { self.ranges = ranges }

  /// The calibration of a weight file; nil where it has none.
  init?(_ file: WeightFile) throws(WeightFileError) {
    guard let text = file.metadata[Self.key] else { return nil }
    ranges = [:]
    for part in text.split(separator: ";") {
      let words = part.split(separator: " ")
      guard words.count == 3, let least = Float(words[1]), let greatest = Float(words[2]), least.isFinite,
        greatest.isFinite, least <= greatest, abs(least) < 1e6, abs(greatest) < 1e6,
        ranges.updateValue(Range(least: least, greatest: greatest), forKey: String(words[0])) == nil
      else {
        throw .malformed(path: file.path, detail: "the metadata's \(Self.key) holds '\(printable(String(part)))'")
      }
    }
  }

  /// The text for the metadata.
  var text: String {
    ranges.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.least) \($0.value.greatest)" }
      .joined(separator: ";")
  }
}

/// What the maps of a network hold while it runs on one picture in single precision. Several layers may write maps of one
/// name: its range covers all.
final class MapObserver: Sendable {
  private let maps = Mutex<[String: Calibration.Range]>([:])

  /// The ranges by the maps' names.
  var ranges: [String: Calibration.Range] { maps.withLock { $0 } }

  /// Adds a map.
  func observe(_ name: String, _ view: TensorView) {
    var (least, greatest) = (Float.infinity, -Float.infinity)
    for pixel in 0..<view.shape.pixels {
      let values = view.pixel(pixel)
      for channel in 0..<view.shape.channels {
        least = min(least, values[channel])
        greatest = max(greatest, values[channel])
      }
    }
    maps.withLock { maps in
      if let known = maps[name] { (least, greatest) = (min(least, known.least), max(greatest, known.greatest)) }
      maps[name] = Calibration.Range(least: least, greatest: greatest)
    }
  }
}

/// The ranges of the maps over many pictures.
final class RangeAverage: Sendable {
  private let maps = Mutex<[String: [Calibration.Range]]>([:])

  /// Adds one picture's ranges.
  func add(_ ranges: [String: Calibration.Range]) {
    maps.withLock { maps in
      for (name, range) in ranges { maps[name, default: []].append(range) }
    }
  }

  /// The mean over the pictures of the ends of each map's range: a lone peak should not cost all the others their
  /// resolution.
  var calibration: Calibration {
    maps.withLock { maps in
      Calibration(
        ranges: maps.mapValues { ranges in
          let count = Float(ranges.count)
          return Calibration.Range(
            least: ranges.reduce(0) { $0 + $1.least } / count, greatest: ranges.reduce(0) { $0 + $1.greatest } / count)
        })
    }
  }
}
