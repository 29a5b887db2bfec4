import Testing

@testable import Networks

@Suite struct StoredTensorTests {
  private func floats(_ tensor: StoredTensor, over values: [Float]) -> [Float]? {
    values.withUnsafeBytes { tensor.floats(in: $0) }
  }

  @Test func stridesAreHonoured() throws {
    let values = (0..<24).map(Float.init)
    let transposed = try StoredTensor(dtype: .float32, shape: [2, 3], strides: [1, 2], byteOffset: 4)
    #expect(floats(transposed, over: values) == [1, 3, 5, 2, 4, 6])
    // [N, C, H, W] stored as N, H, W, C.
    let channelsLast = try StoredTensor(dtype: .float32, shape: [2, 3, 2, 2], strides: [12, 1, 6, 3], byteOffset: 0)
    let inOrder = (0..<2).flatMap { n in (0..<3).flatMap { c in (0..<4).map { pixel in n * 12 + pixel * 3 + c } } }
    #expect(floats(channelsLast, over: values) == inOrder.map(Float.init))
    let repeated = try StoredTensor(dtype: .float32, shape: [2, 2], strides: [0, 1], byteOffset: 0)
    #expect(floats(repeated, over: values) == [0, 1, 0, 1])
  }

  @Test func aDimensionOfOneMayHaveAnyStride() throws {
    let tensor = try StoredTensor(dtype: .float32, shape: [2, 1, 2], strides: [2, .max, 1], byteOffset: 0)
    #expect(tensor.isContiguous)
    let gapped = try StoredTensor(dtype: .float32, shape: [2, 1, 2], strides: [1, .max, 2], byteOffset: 0)
    #expect(floats(gapped, over: [0, 1, 2, 3]) == [0, 2, 1, 3])
    let last = try StoredTensor(dtype: .float32, shape: [2, 1], strides: [3, .max], byteOffset: 0)
    #expect(floats(last, over: [0, 1, 2, 3]) == [0, 3])
  }

  @Test func scalarsAndEmptyTensors() throws {
    let scalar = try StoredTensor(dtype: .float32, shape: [], byteOffset: 4)
    #expect(floats(scalar, over: [1, 2]) == [2])
    let empty = try StoredTensor(dtype: .float32, shape: [3, 0, 2], byteOffset: 8)
    #expect(empty.count == 0)
    #expect(floats(empty, over: [1, 2]) == [])
  }

  @Test(arguments: [
    ([Int.max, 2], [2, 1]), ([2, 2], [Int.max, 1]), ([3], [Int.max / 2 + 1]), ([-1], [1]), ([2], [-1]),
    ([0, Int.max, Int.max], [1, 1, 1]), ([0], [-1]), ([2], [1, 1]), ([Int.max], [1]),
    ([1 << 60], [0]), ([1 << 30, 1 << 30], [0, 0]),
  ])
  func impossibleSizesAreRefused(shape: [Int], strides: [Int]) {
    #expect(throws: FormatFault.self) {
      try StoredTensor(dtype: .float64, shape: shape, strides: strides, byteOffset: 0)
    }
  }

  @Test func nothingIsReadOutsideTheFile() throws {
    let values: [Float] = [0, 1, 2, 3]
    for (shape, offset) in [([4], 4), ([5], 0), ([1], 16), ([1], -4), ([1], Int.max), ([0], 17)] {
      let tensor = try StoredTensor(dtype: .float32, shape: shape, byteOffset: offset)
      #expect(floats(tensor, over: values) == nil)
      #expect(values.withUnsafeBytes { tensor.bytes(in: $0) } == nil)
    }
    let reaching = try StoredTensor(dtype: .float32, shape: [2, 2], strides: [3, 1], byteOffset: 0)
    #expect(floats(reaching, over: values) == nil)
  }

  @Test func bytesOfAStridedTensorAreInRowMajorOrder() throws {
    let file: [UInt8] = Array(0..<16)
    for (dtype, expected) in [
      (DType.uint8, [0, 2, 1, 3]), (.float16, [0, 1, 4, 5, 2, 3, 6, 7]),
      (.int32, [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15]),
    ] as [(DType, [UInt8])] {
      let tensor = try StoredTensor(dtype: dtype, shape: [2, 2], strides: [1, 2], byteOffset: 0)
      #expect(file.withUnsafeBytes { tensor.bytes(in: $0) } == expected)
    }
    let wide = try StoredTensor(dtype: .int64, shape: [2], strides: [0], byteOffset: 8)
    #expect(file.withUnsafeBytes { wide.bytes(in: $0) } == Array(8..<16) + Array(8..<16))
  }

  @Test func onlyFloatingPointReadsAsFloats() throws {
    let file = [UInt8](repeating: 0, count: 8)
    for dtype in DType.allCases {
      let tensor = try StoredTensor(dtype: dtype, shape: [1], byteOffset: 0)
      #expect((file.withUnsafeBytes { tensor.floats(in: $0) } != nil) == dtype.readsAsFloats)
    }
  }
}
