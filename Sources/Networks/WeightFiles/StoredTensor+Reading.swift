extension StoredTensor {
  /// The elements as `Float` in row-major order; nil if `dtype` cannot be read as floats or the tensor reaches beyond
  /// `file`.
  func floats(in file: UnsafeRawBufferPointer) -> [Float]? {
    guard let start = start(in: file) else { return nil }
    switch dtype {
    case .float32: return elements(from: start) { (bits: UInt32) in Float(bitPattern: UInt32(littleEndian: bits)) }
    case .float16: return elements(from: start) { (bits: UInt16) in float(binary16: UInt16(littleEndian: bits)) }
    case .bfloat16: return elements(from: start) { (bits: UInt16) in float(bfloat16: UInt16(littleEndian: bits)) }
    case .float64:
      return elements(from: start) { (bits: UInt64) in Float(Double(bitPattern: UInt64(littleEndian: bits))) }
    default: return nil
    }
  }

  /// The bytes of the elements in row-major order; nil if the tensor reaches beyond `file`.
  func bytes(in file: UnsafeRawBufferPointer) -> [UInt8]? {
    guard let start = start(in: file) else { return nil }
    if isContiguous { return Array(UnsafeRawBufferPointer(start: start, count: count * dtype.byteCount)) }
    switch dtype.byteCount {
    case 1: return elements(from: start) { (bits: UInt8) in bits }
    case 2: return elements(from: start) { (bits: UInt16) in bits }.withUnsafeBytes(Array.init)
    case 4: return elements(from: start) { (bits: UInt32) in bits }.withUnsafeBytes(Array.init)
    default: return elements(from: start) { (bits: UInt64) in bits }.withUnsafeBytes(Array.init)
    }
  }

  private func start(in file: UnsafeRawBufferPointer) -> UnsafeRawPointer? {
    guard let base = file.baseAddress, byteOffset >= 0, byteOffset <= file.count,
      byteExtent <= file.count - byteOffset
    else { return nil }
    return base + byteOffset
  }

  @inline(__always)
  private func elements<Bits: BitwiseCopyable, Element: BitwiseCopyable>(
    from start: UnsafeRawPointer, _ convert: (Bits) -> Element
  ) -> [Element] {
    let size = MemoryLayout<Bits>.size
    return Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      guard let output = buffer.baseAddress, count > 0 else { return }
      if isContiguous {
        for index in 0..<count {
          output[index] = convert(start.loadUnaligned(fromByteOffset: index &* size, as: Bits.self))
        }
      } else {
        gather(into: output) { convert(start.loadUnaligned(fromByteOffset: $0 &* size, as: Bits.self)) }
      }
      initialized = count
    }
  }

  /// Visits all positions in row-major order. `element` is called with the distance of each from the first, in
  /// elements.
  @inline(__always)
  private func gather<Element>(into output: UnsafeMutablePointer<Element>, _ element: (Int) -> Element) {
    guard let rowCount = shape.last, let rowStride = strides.last else { return }
    var position = [Int](repeating: 0, count: shape.count - 1)
    var rowStart = 0
    var written = 0
    while written < count {
      for column in 0..<rowCount { output[written &+ column] = element(rowStart &+ column &* rowStride) }
      written += rowCount
      var axis = position.count - 1
      while axis >= 0 {
        position[axis] += 1
        // A dimension of size 1 may have any stride. Its steps may overflow, but cancel.
        rowStart &+= strides[axis]
        if position[axis] < shape[axis] { break }
        rowStart &-= shape[axis] &* strides[axis]
        position[axis] = 0
        axis -= 1
      }
    }
  }
}
