/// The parsed and checked header of a safetensors file.
struct SafetensorsHeader {
  /// The longest header that is read, in bytes: the limit of the reference implementation.
  static let maximumByteCount = 100_000_000

  /// The tensors in the header's order.
  private(set) var entries: [WeightFile.Entry] = []
  /// The texts under `__metadata__`.
  private(set) var metadata: [String: String] = [:]

  /// Reads the header of `file` and checks that the tensors fill the bytes behind it exactly.
  init(_ file: UnsafeRawBufferPointer) throws(FormatFault) {
    var reader = ByteReader(file, subject: "the file")
    let length = try reader.integer(UInt64.self)
    guard length <= UInt64(Self.maximumByteCount) else {
      throw .malformed("it states a header of \(length) bytes; the limit is \(Self.maximumByteCount)")
    }
    guard length <= UInt64(reader.remaining) else {
      throw .truncated("its header is \(length) bytes long, but only \(reader.remaining) bytes follow")
    }
    let header = try reader.take(Int(length))
    guard header.first == UInt8(ascii: "{") else { throw .malformed("its header does not start with “{”") }
    let dataStart = reader.position
    var ranges: [(begin: Int, end: Int, entry: Int)] = []

    var scanner = JSONScanner(header)
    try scanner.object { (scanner, key) throws(FormatFault) in
      if key == "__metadata__" {
        try scanner.object { (scanner, key) throws(FormatFault) in metadata[key] = try scanner.string() }
        return
      }
      let info = try Self.tensorInfo(&scanner, name: key)
      let (byteOffset, overflow) = dataStart.addingReportingOverflow(info.begin)
      guard !overflow else { throw .malformed("“\(printable(key))” starts at byte \(info.begin)") }
      let tensor = try StoredTensor(dtype: info.dtype, shape: info.shape, byteOffset: byteOffset)
      guard info.begin <= info.end, info.end - info.begin == tensor.byteExtent else {
        throw .malformed(
          "“\(printable(key))” is \(info.dtype.rawValue) of shape \(info.shape), which takes \(tensor.byteExtent) bytes, "
            + "but its range is \(info.begin)..<\(info.end)")
      }
      ranges.append((info.begin, info.end, entries.count))
      entries.append(WeightFile.Entry(name: key, tensor: tensor))
    }
    try scanner.expectEnd()

    var filled = 0
    for range in ranges.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      guard range.begin == filled else {
        let name = printable(entries[range.entry].name)
        throw .malformed("“\(name)” starts at byte \(range.begin), but the tensors before it end at byte \(filled)")
      }
      filled = range.end
    }
    guard filled <= reader.remaining else {
      throw .truncated("its tensors take \(filled) bytes, but only \(reader.remaining) follow the header")
    }
    guard filled == reader.remaining else {
      throw .malformed("\(reader.remaining - filled) bytes follow the last tensor")
    }
  }

  private static func tensorInfo(
    _ scanner: inout JSONScanner, name: String
  ) throws(FormatFault) -> (dtype: DType, shape: [Int], begin: Int, end: Int) {
    var dtype: DType?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.object { (scanner, key) throws(FormatFault) in
      switch key {
      case "dtype":
        let text = try scanner.string()
        dtype = DType(rawValue: text)
        if dtype == nil { throw .unsupported("“\(printable(name))” has the unknown dtype “\(printable(text))”") }
      case "shape": shape = try scanner.integers(limit: 64)
      case "data_offsets": offsets = try scanner.integers(limit: 2)
      default: throw .malformed("“\(printable(name))” has the unknown field “\(printable(key))”")
      }
    }
    guard let dtype, let shape, let offsets, offsets.count == 2 else {
      throw .malformed("“\(printable(name))” needs a dtype, a shape and two data_offsets")
    }
    return (dtype, shape, offsets[0], offsets[1])
  }
}
