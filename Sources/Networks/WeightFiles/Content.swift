/// What the first bytes of a file say it is, parsed where it is a weight file.
enum Content {
  case safetensors(SafetensorsHeader)
  case pytorch(PyTorchCheckpoint)
  /// Something else, as the end of a sentence.
  case other(String)

  init(_ file: UnsafeRawBufferPointer) throws(FormatFault) {
    if file.starts(with: [0x50, 0x4B, 0x03, 0x04]) || file.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
      self = .pytorch(try PyTorchCheckpoint(file))
    } else if file.starts(with: [0x80]), file.count > 1, (1...5).contains(file[1]) {
      throw .unsupported(
        "it is a bare pickle, as saved by torch before 1.6; load it with a newer torch and save it again with torch.save"
      )
    } else if let found = Self.text(file) {
      self = .other(found)
    } else if file.count > 8, file[8] == UInt8(ascii: "{") {
      self = .safetensors(try SafetensorsHeader(file))
    } else {
      self = .other("it starts neither like safetensors nor like a PyTorch checkpoint")
    }
  }

  private static func text(_ file: UnsafeRawBufferPointer) -> String? {
    let start = file.prefix(512)
    guard start.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || (0x08...0x0D).contains($0) }) else { return nil }
    let text = String(decoding: start, as: UTF8.self).lowercased()
    let trimmed = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    if trimmed.hasPrefix("version https://git-lfs") {
      return "it is a git-LFS pointer, a text that stands for the file; fetch the file with `git lfs pull`"
    }
    if trimmed.hasPrefix("<!doctype html") || trimmed.hasPrefix("<html") {
      return "it is a web page, saved in place of a download"
    }
    return "it is a text"
  }
}
