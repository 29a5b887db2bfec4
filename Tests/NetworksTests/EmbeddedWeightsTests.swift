import Networks
import Tensor
import Testing

@Suite struct EmbeddedWeightsTests {
  private static let classes = ["coin", "disc", "rectangle", "triangle", "star", "ring"]

  @Test(arguments: EmbeddedWeights.allCases)
  func nameAndLicence(_ weights: EmbeddedWeights) throws {
    let file = try WeightFile(embedded: weights)
    #expect(file.format == .safetensors)
    #expect(file.path == weights.rawValue)
    #expect(file.metadata["name"] == weights.rawValue)
    #expect(file.metadata["license"] == "Apache-2.0")
  }

  /// Half precision, and small enough to be part of a program.
  @Test func sizes() throws {
    let files = try EmbeddedWeights.allCases.map { try WeightFile(embedded: $0) }
    #expect(files.allSatisfy { $0.entries.allSatisfy { $0.dtype == .float16 } })
    let bytes = files.flatMap(\.entries).reduce(0) { $0 + 2 * $1.tensor.count }
    #expect(bytes < 8 << 20)
  }

  @Test func classNames() throws {
    #expect(try YOLOv5().labels == Self.classes)
    #expect(try MaskRCNN().labels == ["__background__"] + Self.classes)
  }

  /// The Mask R-CNN says which sizes it was trained for; a call may choose others.
  @Test func sizesInsideTheNetwork() throws {
    let network = try MaskRCNN(engine: Engine(threads: 1))
    #expect(network.sizes == (640, 1000))
    let image = try Image(width: 4, height: 3, pixels: [UInt8](repeating: 90, count: 36))
    #expect(try network.detect(image) == network.detect(image, options: .init(minSize: 640, maxSize: 1000)))
  }
}
