import Kernels
import Tensor
import TestSupport
import Testing

@Suite struct DotProductTests {
  @Test(arguments: Engine.availableLevels)
  func everyLength(_ level: InstructionSetLevel) throws {
    let kernels = try Engine(level: level, threads: 1).kernels
    for count in edgeSizes(kernels.lanes, 2 * kernels.lanes) {
      let a = (0..<count).map { Float($0 % 11 - 5) }
      let b = (0..<count).map { Float($0 % 7 - 2) }
      let expected = zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          guard let a = a.baseAddress, let b = b.baseAddress else { return }
          #expect(Double(kernels.maps.dotProduct(a, b, count)) == expected, "\(count) elements")
        }
      }
    }
  }
}
