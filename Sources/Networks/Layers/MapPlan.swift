import Tensor

/// A feature map between layers: its format, and the name by which a calibration knows it.
struct NamedMap: Sendable {
  let name: String
  let format: MapFormat
}

/// The formats of a network's feature maps at one precision.
struct MapPlan: Sendable {
  let precision: Precision
  /// The ranges of the maps, for int8.
  let calibration: Calibration?
  /// The file of the calibration, for errors.
  let path: String

  /// The plan of single precision.
  static let float32 = MapPlan(precision: .float32, calibration: nil, path: "")

  /// The map with the given name.
  func map(_ name: String) throws(WeightFileError) -> NamedMap {
    switch precision {
    case .float32: return NamedMap(name: name, format: .init(.float32))
    case .bfloat16: return NamedMap(name: name, format: .init(.bfloat16))
    case .int8:
      guard let range = calibration?.ranges[name] else {
        throw .uncalibrated(path: path, map: name)
      }
      return NamedMap(name: name, format: range.format)
    }
  }

  /// The format of the image, with values 0 to 1. In int8 these are the image's bytes.
  var picture: MapFormat {
    switch precision {
    case .float32: .init(.float32)
    case .bfloat16: .init(.bfloat16)
    case .int8: .init(.byte, scale: 1 / 255)
    }
  }
}
