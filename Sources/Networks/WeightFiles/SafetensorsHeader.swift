import JSON

/// The header of a safetensors file, parsed and checked.
struct SafetensorsHeader {
  /// The largest length of a header in bytes, which is that of the reference implementation.
  static let maximumByteCount = 100_000_000

  /// The tensors, in the order of the header.
  private(set) var entries: [WeightFile.Entry] = []
  /// The metadata (`__metadata__`).
  private(set) var metadata: [String: String] = [:]

  /// Reads the header of `file`, and checks that the tensors fill the bytes after it exactly.
  init(_ file: UnsafeRawBufferPointer) throws(FormatFault) {
    var reader = ByteReader(file, subject: "the file")
    let length = try reader.integer(UInt64.self)
    guard length <= UInt64(Self.maximumByteCount) else {
      throw .malformed("its header is \(length) bytes long; the limit is \(Self.maximumByteCount)")
    }
    guard length <= UInt64(reader.remaining) else {
      throw .truncated("its header is \(length) bytes long, but only \(reader.remaining) bytes follow")
    }
    let header = try reader.take(Int(length))
    guard header.first == UInt8(ascii: "{") else { throw .malformed("its header does not start with “{”") }
    let dataStart = reader.position
    let members: [Member]
    do throws(JSONError) {
      members = try Self.members(header, metadata: &metadata)
    } catch {
      throw .malformed("its header is not valid: \(error)")
    }
    var ranges: [(begin: Int, end: Int, entry: Int)] = []
    for member in members {
      let info = try Self.tensorInfo(member)
      let (byteOffset, overflow) = dataStart.addingReportingOverflow(info.begin)
      guard !overflow else { throw .malformed("“\(printable(member.name))” starts at byte \(info.begin)") }
      let tensor = try StoredTensor(dtype: info.dtype, shape: info.shape, byteOffset: byteOffset)
      guard info.begin <= info.end, info.end - info.begin == tensor.byteExtent else {
        throw .malformed(
          "“\(printable(member.name))” is \(info.dtype.rawValue) of shape \(info.shape), which takes "
            + "\(tensor.byteExtent) bytes, but its range is \(info.begin)..<\(info.end)")
      }
      ranges.append((info.begin, info.end, entries.count))
      entries.append(WeightFile.Entry(name: member.name, tensor: tensor))
    }

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

  /// A member of the header that describes a tensor, before it is checked.
  private struct Member {
    var name: String
    var dtype: String?
    var shape: [Int]?
    var offsets: [Int]?
  }

  private static func members(
    _ header: UnsafeRawBufferPointer, metadata: inout [String: String]
  ) throws(JSONError) -> [Member] {
    var members: [Member] = []
    var texts: [String: String] = [:]
    try JSONReader.read(header) { (reader) throws(JSONError) in
      try reader.object(unique: true) { (reader, key) throws(JSONError) in
        if key == "__metadata__" {
          try reader.object(unique: true) { (reader, key) throws(JSONError) in
            // Two keys with different scalars can still be equal strings.
            guard texts.updateValue(try reader.string(), forKey: key.string) == nil else {
              throw reader.refusal("the metadata has the key “\(printable(key.string))” twice", at: key)
            }
          }
        } else {
          members.append(try member(&reader, name: key.string))
        }
      }
    }
    metadata = texts
    return members
  }

  private static func member(_ reader: inout JSONReader, name: String) throws(JSONError) -> Member {
    var member = Member(name: name)
    try reader.object(unique: true) { (reader, key) throws(JSONError) in
      switch key {
      case "dtype": member.dtype = try reader.string()
      case "shape": member.shape = try reader.integers(limit: 64, in: 0 ... .max)
      case "data_offsets": member.offsets = try reader.integers(limit: 2, in: 0 ... .max)
      default: throw reader.refusal("“\(printable(name))” has the unknown field “\(printable(key.string))”", at: key)
      }
    }
    return member
  }

  private static func tensorInfo(
    _ member: Member
  ) throws(FormatFault) -> (dtype: DType, shape: [Int], begin: Int, end: Int) {
    let name = printable(member.name)
    guard let text = member.dtype, let shape = member.shape, let offsets = member.offsets, offsets.count == 2 else {
      throw .malformed("“\(name)” needs a dtype, a shape and two data_offsets")
    }
    guard let dtype = DType(rawValue: text) else {
      throw .unsupported("“\(name)” has the unknown dtype “\(printable(text))”")
    }
    return (dtype, shape, offsets[0], offsets[1])
  }
}
