extension Orientation {
  /// Reads the orientation from a TIFF structure, the content of an EXIF block. It is nil if there is none, its value
  /// is not 1 to 8, or the block is damaged.
  init?(exif: ArraySlice<UInt8>) {
    guard let block = TIFFBlock(exif), let value = block.firstDirectoryValue(tag: 0x0112) else { return nil }
    self.init(rawValue: value)
  }
}

/// A TIFF structure from a file, so every read is bounds-checked.
private struct TIFFBlock {
  private let bytes: ArraySlice<UInt8>
  private let isBigEndian: Bool

  init?(_ bytes: ArraySlice<UInt8>) {
    if bytes.starts(with: "II".utf8) {
      isBigEndian = false
    } else if bytes.starts(with: "MM".utf8) {
      isBigEndian = true
    } else {
      return nil
    }
    self.bytes = bytes
    guard integer(at: 2, size: 2) == 42 else { return nil }
  }

  /// The value of a tag in the first directory: 32 bits if its type says so, else 16 as in OpenCV.
  func firstDirectoryValue(tag: Int) -> Int? {
    guard let directory = integer(at: 4, size: 4), let count = integer(at: directory, size: 2) else { return nil }
    for entry in 0..<count {
      let offset = directory + 2 + entry * 12
      guard let entryTag = integer(at: offset, size: 2) else { return nil }
      guard entryTag == tag else { continue }
      let isLong = integer(at: offset + 2, size: 2) == 4
      return integer(at: offset + 8, size: isLong ? 4 : 2)
    }
    return nil
  }

  private func integer(at offset: Int, size: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - size else { return nil }
    let start = bytes.startIndex + offset
    let field = bytes[start..<start + size]
    return isBigEndian ? field.reduce(0) { $0 << 8 | Int($1) } : field.reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
