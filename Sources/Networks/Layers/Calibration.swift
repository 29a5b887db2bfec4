import Synchronization
import Tensor

/// The ranges of a network's feature maps, measured on images, by map name. They give the scales and zero points of
/// int8.
///
/// A weight file stores them in its metadata under the key `int8`, as `name least greatest` for each map, separated by
/// semicolons.
struct Calibration: Sendable, Hashable {
  struct Range: Sendable, Hashable {
    var least: Float
    var greatest: Float

    /// The format of bytes for the range, widened to include 0. The zero point is a whole number.
    var format: MapFormat {
      let (least, greatest) = (min(least, 0), max(greatest, 0))
      let scale = max((greatest - least) / 255, 1e-9)
      return MapFormat(.byte, scale: scale, zero: (-least / scale).rounded())
    }
  }

  var ranges: [String: Range]

  static let key = "int8"

  init(ranges: [String: Range]) { self.ranges = ranges }

  /// Reads the calibration of a weight file; nil if it has none.
  init?(_ file: WeightFile) throws(WeightFileError) {
    guard let text = file.metadata[Self.key] else { return nil }
    ranges = [:]
    for part in text.split(separator: ";") {
      let words = part.split(separator: " ")
      guard words.count == 3, let least = Float(words[1]), let greatest = Float(words[2]), least.isFinite,
        greatest.isFinite, least <= greatest, abs(least) < 1e6, abs(greatest) < 1e6,
        ranges.updateValue(Range(least: least, greatest: greatest), forKey: String(words[0])) == nil
      else {
        throw .malformed(
          path: file.path, detail: "'\(printable(String(part)))' in the metadata's \(Self.key) is not a map's range")
      }
    }
  }

  /// The text for the metadata.
  var text: String {
    ranges.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.least) \($0.value.greatest)" }
      .joined(separator: ";")
  }
}

/// Measures the ranges of a network's feature maps while it runs on one image in single precision. If several layers
/// write maps of one name, its range covers all.
final class MapObserver: Sendable {
  private let maps = Mutex<[String: Calibration.Range]>([:])

  /// The ranges, by map name.
  var ranges: [String: Calibration.Range] { maps.withLock { $0 } }

  /// Measures a map.
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

/// The mean ranges of a network's feature maps over many images.
final class RangeAverage: Sendable {
  private let maps = Mutex<[String: [Calibration.Range]]>([:])

  /// Adds one image's ranges.
  func add(_ ranges: [String: Calibration.Range]) {
    maps.withLock { maps in
      for (name, range) in ranges { maps[name, default: []].append(range) }
    }
  }

  /// The calibration: for each map the mean of its lower and of its upper limits. The mean, so that a single peak does
  /// not reduce the resolution of all other values.
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
