import Testing

@testable import Networks

@Suite struct SoftmaxTests {
  /// Whose exponentials alone would be infinite, or all 0.
  @Test(
    arguments: [
      ([1000, 1000, -1000], [0.5, 0.5, 0]), ([-2000, -2000], [0.5, 0.5]),
      ([88.9, 88.9, 88.9, 88.9], [0.25, 0.25, 0.25, 0.25]),
      ([3], [1]), ([], []),
    ] as [([Float], [Float])])
  func largeLogitsDoNotOverflow(_ logits: [Float], _ expected: [Float]) {
    var values = logits
    values.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { softmax(base, count: $0.count) } }
    #expect(values == expected)
  }
}
