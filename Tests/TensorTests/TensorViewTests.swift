import Tensor
import Testing

@Suite struct TensorViewTests {
  @Test func channelsOfChannels() throws {
    let tensor = try Tensor(shape: Shape(height: 1, width: 3, channels: 5), values: (0..<15).map { Float($0) })
    tensor.withView { view in
      #expect(view.isDense)
      let slice = view.channels(1..<5).channels(1..<3)
      #expect(slice.shape == Shape(height: 1, width: 3, channels: 2))
      #expect(slice.pixelStride == 5)
      #expect(!slice.isDense)
      #expect((0..<3).map { slice.pixel($0)[0] } == [2, 7, 12])
      #expect((0..<3).map { slice.pixel($0)[1] } == [3, 8, 13])
      #expect(view.channels(0..<5).isDense)
    }
  }
}
