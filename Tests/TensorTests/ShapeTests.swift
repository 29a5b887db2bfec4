import Tensor
import Testing

@Suite struct ShapeTests {
  @Test func extents() {
    let shape = Shape(batch: 2, height: 3, width: 5, channels: 7)
    #expect(shape.pixels == 30)
    #expect(shape.count == 210)
    #expect("\(shape)" == "[2, 3, 5, 7]")
    #expect(Shape(height: 3, width: 5, channels: 7).batch == 1)
  }

  @Test(arguments: [
    Shape(batch: 0, height: 1, width: 1, channels: 1), Shape(height: -1, width: 1, channels: 1),
    Shape(height: -1, width: -1, channels: 1), Shape(height: 1, width: 0, channels: 1),
    Shape(height: 1, width: 1, channels: .min), Shape(height: 1 << 16, width: 1 << 16, channels: 2),
    Shape(batch: .max, height: .max, width: .max, channels: .max),
    Shape(batch: 1 << 32, height: 1 << 32, width: 1, channels: 1),
  ])
  func refused(_ shape: Shape) {
    let message = "a tensor must have extents of at least 1 and at most 2^32 elements, got \(shape)"
    #expect(throws: TensorError.invalidShape(message)) { try Tensor(shape: shape) }
    #expect(throws: TensorError.invalidShape(message)) { try Tensor(shape: shape, values: []) }
  }
}
