/// The kind of a file, according to its first bytes, with the parsed content of a weight file.
enum FileContent {
  case safetensors(SafetensorsHeader)
  case pytorch(PyTorchCheckpoint)
  /// Not a weight file; a sentence says what it is.
  case other(String)

  init(_ file: UnsafeRawBufferPointer) throws(FormatFault) {
    if file.starts(with: [0x50, 0x4B, 0x03, 0x04]) || file.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
      self = .pytorch(try PyTorchCheckpoint(file))
    } else if let found = Self.text(file) {
      self = .other(found)
    } else if file.starts(with: Self.legacyMagic) {
      throw .unsupported(
        "it was saved without a zip archive, as PyTorch before 1.6 did; load it with a newer PyTorch and save it again "
          + "with torch.save")
    } else if file.count > 8, file[8] == UInt8(ascii: "{") {
      // Tested before bare pickles, since a header of 640 bytes starts like one.
      self = .safetensors(try SafetensorsHeader(file))
    } else if file.count > 2, file[0] == 0x80, (2...5).contains(file[1]) {
      self = .other("it is a bare pickle, not a zip archive as torch.save writes it")
    } else {
      self = .other("it starts neither like a safetensors file nor like a PyTorch checkpoint")
    }
  }

  /// The pickled number 0x1950a86a20f9469cfc6c, with which files of PyTorch before 1.6 start.
  private static let legacyMagic: [UInt8] = [
    0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]

  private static func text(_ file: UnsafeRawBufferPointer) -> String? {
    let start = file.prefix(512)
    guard start.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || (0x08...0x0D).contains($0) }) else { return nil }
    // The prefix may end inside a character.
    let cuts = file.count > start.count ? 0...3 : 0...0
    let valid = cuts.lazy.compactMap { String(validating: start.dropLast($0), as: UTF8.self) }.first
    guard let text = valid else { return nil }
    let trimmed = text.lowercased().drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    if trimmed.hasPrefix("version https://git-lfs") {
      return "it is a Git LFS pointer, not the file itself; fetch the file with `git lfs pull`"
    }
    if trimmed.hasPrefix("<!doctype html") || trimmed.hasPrefix("<html") {
      return "it is a web page, saved instead of a download"
    }
    return "it is a text file"
  }
}
