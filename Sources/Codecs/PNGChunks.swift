/// The chunks of a PNG file in order, up to the first truncated one.
struct PNGChunks: Sequence, IteratorProtocol {
  struct Chunk {
    let type: String
    let body: ArraySlice<UInt8>
    fileprivate let checked: ArraySlice<UInt8>
    fileprivate let checksum: Int

    /// Whether the chunk's CRC-32 is correct.
    var isIntact: Bool {
      PNGCodec.checksum(checked) == checksum
    }
  }

  private let bytes: [UInt8]
  private var position = PNGCodec.signature.count

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> Chunk? {
    guard bytes.count - position >= 12 else { return nil }
    let length = Self.integer(bytes[position..<position + 4])
    guard length <= bytes.count - position - 12 else { return nil }
    let checked = bytes[position + 4..<position + 8 + length]
    let end = position + 12 + length
    defer { position = end }
    return Chunk(
      type: String(decoding: checked.prefix(4), as: UTF8.self), body: checked.dropFirst(4), checked: checked,
      checksum: Self.integer(bytes[end - 4..<end]))
  }

  /// Reads a big-endian unsigned integer.
  static func integer(_ field: ArraySlice<UInt8>) -> Int { field.reduce(0) { $0 << 8 | Int($1) } }
}
