/// The directory of a zip archive. An entry that is stored without compression is a range of the file's bytes.
struct ZipArchive {
  /// The names of the entries, in the order of the directory.
  private(set) var names: [String] = []
  private var entries: [String: Result<Range<Int>, FormatFault>] = [:]

  /// The range of the file's bytes that the entry `name` takes, or nil if there is none. Throws if it is compressed or
  /// encrypted.
  func range(of name: String) throws(FormatFault) -> Range<Int>? {
    try entries[name]?.get()
  }

  /// Reads the central directory, also of zip64, and checks the position of every entry.
  init(_ file: UnsafeRawBufferPointer) throws(FormatFault) {
    let directory = try Self.locateDirectory(file)
    let bytes = UnsafeRawBufferPointer(rebasing: file[directory.range])
    var reader = ByteReader(bytes, subject: "the zip directory")
    for _ in 0..<directory.entryCount {
      let header = try EntryHeader(&reader)
      let range = try Self.dataRange(of: header, in: file, before: directory.range.lowerBound)
      let entry = header.obstacle.map(Result.failure) ?? .success(range)
      guard entries.updateValue(entry, forKey: header.name) == nil else {
        throw .malformed("the zip archive has two entries named “\(printable(header.name))”")
      }
      names.append(header.name)
    }
    guard reader.remaining == 0 else {
      throw .malformed("the zip directory has \(reader.remaining) bytes after its \(directory.entryCount) entries")
    }
  }

  private static let endSize = 22
  private static let locatorSize = 20

  private static func locateDirectory(
    _ file: UnsafeRawBufferPointer
  ) throws(FormatFault) -> (range: Range<Int>, entryCount: Int) {
    let end = try locateEnd(file)
    var reader = ByteReader(file, at: end + 4, subject: "the zip archive")
    let disk = try reader.integer(UInt16.self)
    let directoryDisk = try reader.integer(UInt16.self)
    let entriesHere = try reader.integer(UInt16.self)
    let entries = try reader.integer(UInt16.self)
    let size = try reader.integer(UInt32.self)
    let offset = try reader.integer(UInt32.self)
    if entries == .max || size == .max || offset == .max,
      let wide = try locateWideDirectory(file, end: end)
    {
      return wide
    }
    guard disk == 0, directoryDisk == 0, entriesHere == entries else {
      throw .unsupported("it is one part of a zip archive in several parts")
    }
    return (try directoryRange(offset: UInt64(offset), size: UInt64(size), end: end), Int(entries))
  }

  private static func locateEnd(_ file: UnsafeRawBufferPointer) throws(FormatFault) -> Int {
    let earliest = max(0, file.count - endSize - Int(UInt16.max))
    var start = file.count - endSize
    var trailing: Int?
    while start >= earliest {
      if file[start] == 0x50, file.loadUnaligned(fromByteOffset: start, as: UInt32.self).littleEndian == 0x0605_4B50 {
        let comment = file.loadUnaligned(fromByteOffset: start + endSize - 2, as: UInt16.self).littleEndian
        let end = start + endSize + Int(comment)
        if end == file.count { return start }
        if end < file.count, trailing == nil { trailing = file.count - end }
      }
      start -= 1
    }
    if let trailing {
      throw .malformed("\(trailing) bytes follow the end of its zip archive; was something appended to it?")
    }
    throw .truncated(
      "a zip archive ends with its directory, but this file of \(file.count) bytes has none; "
        + "was it downloaded completely?")
  }

  private static func locateWideDirectory(
    _ file: UnsafeRawBufferPointer, end: Int
  ) throws(FormatFault) -> (range: Range<Int>, entryCount: Int)? {
    guard end >= locatorSize else { return nil }
    var locator = ByteReader(file, at: end - locatorSize, subject: "the zip archive")
    guard try locator.integer(UInt32.self) == 0x0706_4B50 else { return nil }
    _ = try locator.integer(UInt32.self)
    let recordStart = try locator.count(UInt64.self)
    guard recordStart <= end - locatorSize else {
      throw .malformed("the zip64 directory is said to be at byte \(recordStart), after its locator")
    }
    var record = ByteReader(file, at: recordStart, subject: "the zip archive")
    guard try record.integer(UInt32.self) == 0x0606_4B50 else {
      throw .malformed("no zip64 directory is at byte \(recordStart), where one was announced")
    }
    _ = try record.take(12)
    let disk = try record.integer(UInt32.self)
    let directoryDisk = try record.integer(UInt32.self)
    let entriesHere = try record.integer(UInt64.self)
    let entries = try record.count(UInt64.self)
    let size = try record.integer(UInt64.self)
    let offset = try record.integer(UInt64.self)
    guard disk == 0, directoryDisk == 0, entriesHere == UInt64(entries) else {
      throw .unsupported("it is one part of a zip archive in several parts")
    }
    return (try directoryRange(offset: offset, size: size, end: recordStart), entries)
  }

  private static func directoryRange(offset: UInt64, size: UInt64, end: Int) throws(FormatFault) -> Range<Int> {
    let (sum, overflow) = offset.addingReportingOverflow(size)
    guard !overflow, sum <= UInt64(end) else {
      throw .malformed("the zip directory is said to be \(size) bytes at byte \(offset), beyond byte \(end)")
    }
    return Int(offset)..<Int(sum)
  }

  private static func dataRange(
    of header: EntryHeader, in file: UnsafeRawBufferPointer, before limit: Int
  ) throws(FormatFault) -> Range<Int> {
    guard header.localOffset <= limit else {
      throw .malformed(
        "“\(printable(header.name))” is said to be at byte \(header.localOffset), after the start of the zip directory")
    }
    var reader = ByteReader(file, at: header.localOffset, subject: "the zip archive")
    guard try reader.integer(UInt32.self) == 0x0403_4B50 else {
      throw .malformed("“\(printable(header.name))” is not at byte \(header.localOffset), where the zip directory says")
    }
    _ = try reader.take(22)
    let nameLength = try reader.integer(UInt16.self)
    let extraLength = try reader.integer(UInt16.self)
    guard try reader.take(Int(nameLength)).elementsEqual(header.name.utf8) else {
      throw .malformed(
        "the entry at byte \(header.localOffset) is not “\(printable(header.name))”, as the zip directory says")
    }
    _ = try reader.take(Int(extraLength))
    guard reader.position <= limit, header.size <= limit - reader.position else {
      throw .malformed(
        "“\(printable(header.name))” takes \(header.size) bytes from byte \(reader.position), past byte \(limit)")
    }
    return reader.position..<reader.position + header.size
  }
}

/// An entry of the central directory.
private struct EntryHeader {
  let name: String
  /// The size in the file, in bytes.
  let size: Int
  let localOffset: Int
  /// The reason why the bytes in the file are not the content, such as compression; nil if they are.
  let obstacle: FormatFault?

  init(_ reader: inout ByteReader) throws(FormatFault) {
    guard try reader.integer(UInt32.self) == 0x0201_4B50 else {
      throw .malformed("the zip directory has no entry at its byte \(reader.position - 4)")
    }
    _ = try reader.take(4)
    let flags = try reader.integer(UInt16.self)
    let method = try reader.integer(UInt16.self)
    _ = try reader.take(8)
    let compressedSize = try reader.integer(UInt32.self)
    let size = try reader.integer(UInt32.self)
    let nameLength = try reader.integer(UInt16.self)
    let extraLength = try reader.integer(UInt16.self)
    let commentLength = try reader.integer(UInt16.self)
    _ = try reader.take(8)
    let localOffset = try reader.integer(UInt32.self)
    let name = try reader.text(Int(nameLength))
    let wide = try Self.wideFields(
      try reader.take(Int(extraLength)), [size == .max, compressedSize == .max, localOffset == .max])
    _ = try reader.take(Int(commentLength))

    let storedSize = wide[1] ?? UInt64(compressedSize)
    if flags & 0x2041 != 0 {
      obstacle = .unsupported("its entry “\(printable(name))” is encrypted")
    } else if method != 0 || wide[0] ?? UInt64(size) != storedSize {
      obstacle = .unsupported("its entry “\(printable(name))” is compressed, which torch.save never does")
    } else {
      obstacle = nil
    }
    guard let size = Int(exactly: storedSize), let localOffset = Int(exactly: wide[2] ?? UInt64(localOffset)) else {
      throw .malformed("its entry “\(printable(name))” has an impossible size or place")
    }
    self.name = name
    self.size = size
    self.localOffset = localOffset
  }

  /// The 64-bit values of the fields that are stored in the zip64 extra record.
  private static func wideFields(
    _ extra: UnsafeRawBufferPointer, _ isWide: [Bool]
  ) throws(FormatFault) -> [UInt64?] {
    var fields: [UInt64?] = isWide.map { _ in nil }
    guard isWide.contains(true) else { return fields }
    var reader = ByteReader(extra, subject: "an extra record of the zip directory")
    while reader.remaining >= 4 {
      let identifier = try reader.integer(UInt16.self)
      let body = try reader.take(Int(try reader.integer(UInt16.self)))
      guard identifier == 0x0001 else { continue }
      var values = ByteReader(body, subject: "a zip64 record")
      for index in isWide.indices where isWide[index] { fields[index] = try values.integer(UInt64.self) }
      return fields
    }
    return fields
  }
}
