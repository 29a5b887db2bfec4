import Kernels
import Tensor
import Testing

@Suite struct DotProductTests {
  @Test(arguments: Engine.availableLevels)
  func everyLength(_ level: InstructionSetLevel) throws {
    let kernels = try Engine(level: level, threads: 1).kernels
    let step = 2 * kernels.lanes
    for count in [0, 1, step - 1, step, step + 1, 2 * step + 3, 256] {
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
