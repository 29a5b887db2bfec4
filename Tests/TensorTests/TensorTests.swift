import Tensor
import Testing

@Suite struct TensorTests {
  @Test func elementsInOrder() throws {
    let shape = Shape(batch: 2, height: 2, width: 3, channels: 2)
    let tensor = try Tensor(shape: shape, values: (0..<24).map { Float($0) })
    #expect(tensor.values == (0..<24).map { Float($0) })
    #expect(tensor[0, 0, 0, 0] == 0)
    #expect(tensor[0, 1, 1, 1] == 9)
    #expect(tensor[1, 0, 2, 1] == 17)
    #expect(tensor[1, 1, 2, 1] == 23)
  }

  @Test func oneValue() throws {
    let shape = Shape(height: 2, width: 1, channels: 3)
    #expect(try Tensor(shape: shape).values == [0, 0, 0, 0, 0, 0])
    #expect(try Tensor(shape: shape, repeating: 7).values == [7, 7, 7, 7, 7, 7])
  }

  @Test(arguments: [0, 5, 7])
  func wrongCount(_ count: Int) {
    #expect(throws: TensorError.invalidShape("a tensor of shape [1, 2, 1, 3] has 6 elements, got \(count)")) {
      try Tensor(shape: Shape(height: 2, width: 1, channels: 3), values: .init(repeating: 0, count: count))
    }
  }

  @Test func memoryIsAligned() throws {
    for channels in [1, 17, 1 << 20] {
      try Tensor(shape: Shape(height: 1, width: 1, channels: channels)).withUnsafeValues {
        #expect(Int(bitPattern: $0.baseAddress) % 64 == 0)
        #expect($0.count == channels)
      }
    }
  }

  @Test func copiesAreApart() throws {
    let original = try Tensor(shape: Shape(height: 1, width: 1, channels: 3), values: [1, 2, 3])
    var copy = original
    copy.withUnsafeMutableValues { $0[1] = 20 }
    #expect(original.values == [1, 2, 3])
    #expect(copy.values == [1, 20, 3])
    var viewed = original
    viewed.withMutableView { $0.base[2] = 30 }
    #expect(original.values == [1, 2, 3])
    #expect(viewed.values == [1, 2, 30])
  }

  @Test func copiedOnlyWhileShared() throws {
    var tensor = try Tensor(shape: Shape(height: 1, width: 1, channels: 3))
    let before = tensor.withUnsafeMutableValues { $0.baseAddress }
    #expect(tensor.withUnsafeMutableValues { $0.baseAddress } == before)
    let shared = tensor
    #expect(shared.withUnsafeValues { $0.baseAddress } == before.map { UnsafePointer($0) })
    #expect(tensor.withUnsafeMutableValues { $0.baseAddress } != before)
  }

  /// The residual and the output of a convolution may be copies of one another.
  @Test func outputThatIsTheResidual() throws {
    let convolution = try Convolution(
      .init(inputChannels: 1, outputChannels: 1), weights: [10], engine: Engine(threads: 1))
    var output = try Tensor(shape: Shape(height: 1, width: 2, channels: 1), values: [1, 2])
    let residual = output
    try convolution(output, into: &output, adding: residual)
    #expect(output.values == [11, 22])
    #expect(residual.values == [1, 2])
  }

  @Test func coordinatesOutside() async {
    await #expect(processExitsWith: .failure) {
      let tensor = try Tensor(shape: Shape(height: 2, width: 2, channels: 2))
      print(tensor[0, 0, 2, 0])
    }
    await #expect(processExitsWith: .failure) {
      let tensor = try Tensor(shape: Shape(height: 2, width: 2, channels: 2))
      print(tensor[1, 0, 0, 0])
    }
  }

  @Test func errorsAreSentences() {
    #expect("\(TensorError.invalidShape("a"))" == "a")
    #expect("\(TensorError.invalidParameter("b"))" == "b")
    #expect("\(TensorError.unavailableLevel("c"))" == "c")
  }
}
