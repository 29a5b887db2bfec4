/// An 8-bit RGB colour.
struct RGB: Equatable {
  let red: UInt8
  let green: UInt8
  let blue: UInt8

  init(_ hex: UInt32) {
    red = UInt8(truncatingIfNeeded: hex >> 16)
    green = UInt8(truncatingIfNeeded: hex >> 8)
    blue = UInt8(truncatingIfNeeded: hex)
  }

  static let black = RGB(0x000000)
  static let white = RGB(0xFFFFFF)

  /// Black or white, whichever is easier to read on this colour.
  var contrasting: RGB {
    let luma = 299 * Int(red) + 587 * Int(green) + 114 * Int(blue)
    return luma > 130_000 ? .black : .white
  }
}

/// Twenty colours that are easy to tell apart on a photograph. Consecutive colours differ strongly in hue.
enum Palette {
  /// The colour of a class, equal in every run. Class numbers that differ by 20 share a colour.
  static func color(ofClass classID: Int) -> RGB {
    let index = classID % colors.count
    return colors[index < 0 ? index + colors.count : index]
  }

  private static let colors = [
    0xFF3B4E, 0x2F9BFF, 0x2ECC71, 0xFFB300, 0xA259FF, 0x00C2C7, 0xFF7A1A, 0xE84393, 0x9BD300, 0x3D5AFE,
    0xB8743A, 0x00A86B, 0xF5E050, 0x7A3E9D, 0x79D2FF, 0xC0392B, 0xFF9EC4, 0x5C7F1F, 0x1F6F8B, 0xC9B8FF,
  ].map(RGB.init)
}
