import Tensor
import Testing

@testable import Networks

/// Which level of the pyramid a box is cropped from: maps whose values are their level, P2 to P5, of an image of
/// 1024×1024.
@Suite struct RegionPoolingTests {
  @Test(
    arguments: [
      (1, 2), (111.9, 2), (112, 3), (223.9, 3), (224, 4), (447.9, 4), (448, 5), (1000, 5),
    ] as [(Float, Float)])
  func aBoxOf224PixelsIsOfTheFourthLevel(_ side: Float, _ level: Float) throws {
    let engine = try Engine(threads: 1)
    let pooling = try RegionPooling(size: 2, engine: engine)
    engine.withWorkspace { workspace in
      let pyramid = (2...6).map { level -> TensorView in
        let map = workspace.arena.tensor(Shape(height: 1024 >> level, width: 1024 >> level, channels: 1))
        map.base.initialize(repeating: Float(level), count: map.shape.count)
        return map
      }
      let input = workspace.arena.tensor(Shape(height: 1024 + 6, width: 1024 + 6, channels: 3))
      let picture = ImageTransform.Picture(input: input, original: (1024, 1024), resized: (1024, 1024))
      let output = workspace.arena.tensor(Shape(height: 2, width: 2, channels: 1))
      pooling(pyramid, [Box(x1: 8, y1: 8, x2: 8 + side, y2: 8 + side)], picture, into: output, workspace)
      #expect((0..<4).allSatisfy { output.base[$0].rounded() == level }, "\(output.base[0])")
    }
  }
}
