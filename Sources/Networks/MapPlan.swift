import Tensor

/// A map between layers: its name, by which a calibration knows it, and how its numbers lie in memory.
struct NamedMap: Sendable {
  let name: String
  let format: MapFormat
}

/// The formats of a network's maps at one precision.
struct MapPlan: Sendable {
  let precision: Precision
  /// The ranges of the maps, for bytes.
  let calibration: Calibration?
  /// Where the calibration comes from, for messages.
  let path: String

  /// The map of that name.
  func map(_ name: String) throws(WeightFileError) -> NamedMap {
    switch precision {
    case .float32: return NamedMap(name: name, format: .init(.float32))
    case .bfloat16: return NamedMap(name: name, format: .init(.bfloat16))
    case .int8:
      guard let range = calibration?.ranges[name] else {
        throw .malformed(path: path, detail: "its calibration lacks the map \(name)")
      }
      return NamedMap(name: name, format: range.format)
    }
  }

  /// The picture, values 0 to 1: its bytes themselves, at 8 bits.
  var picture: MapFormat {
    switch precision {
    case .float32: .init(.float32)
    case .bfloat16: .init(.bfloat16)
    case .int8: .init(.byte, scale: 1 / 255)
    }
  }
}
