import Foundation
import Tensor
import TensorTestSupport
import TestSupport
import Testing

@testable import Networks

/// Winograd's rounding on what the layers of a network see, which is no noise: the activations of YOLOv5s on a photograph.
/// With `LIMN_REPORT` set the errors of each layer are printed.
@Suite(.enabled(if: realWeights != nil, "skipped: no real YOLOv5 weights in LIMN_DATA or ../shared/data"))
struct WinogradActivationsTests {
  /// The 3×3 convolutions, each with the map that it reads, by the name of the first one written under it.
  private static let layers = [
    ("1", "0"), ("2.m.0.cv2", "2.m.0.cv1"), ("3", "2"), ("4.m.0.cv2", "4.m.0.cv1"), ("4.m.1.cv2", "4.m.1.cv1"),
    ("5", "16"), ("6.m.0.cv2", "6.m.0.cv1"), ("6.m.1.cv2", "6.m.1.cv1"), ("6.m.2.cv2", "6.m.2.cv1"), ("7", "12"),
    ("8.m.0.cv2", "8.m.0.cv1"), ("13.m.0.cv2", "13.m.0.cv1"), ("17.m.0.cv2", "17.m.0.cv1"), ("18", "17"),
    ("20.m.0.cv2", "20.m.0.cv1"), ("21", "20"), ("23.m.0.cv2", "23.m.0.cv1"),
  ]

  @Test func errorsStayWithinTheTolerances() throws {
    let weights = try #require(realWeights)
    let file = try WeightFile(path: "\(weights)/yolov5s-widened.pt")
    let maps = try self.maps(file, input: WeightFile(path: "\(weights)/../refs/yolov5s-widened_bus_raw.safetensors"))
    let reader = WeightReader(file)["model"]
    let epsilon = try YOLOv5Configuration(WeightReader(file)).epsilon
    var report: [String] = []
    for (name, source) in Self.layers {
      let map = try #require(maps["model.\(source)"], "no map is named model.\(source)")
      let block = reader[name]
      let shape = try block["conv"].shape(of: "weight")
      let folded = try FoldedWeights(block["conv"], block["bn"], shape, epsilon: epsilon)
      let stride = name.contains(".") ? 1 : 2
      // Twelve outputs: whole tiles of four and of six.
      let input = try crop(map, side: stride == 1 ? 14 : 17)
      var c = Convolution.Configuration(
        inputChannels: shape[1], outputChannels: shape[0], kernel: 3, stride: Extent(stride))
      let reference = ReferenceConvolution(
        c, input.values, input.shape, weights: folded.weights, bias: folded.bias)
      let largest = reference.values.reduce(0) { max($0, abs($1)) }
      for (isGuarded, tolerance) in [(false, Tolerance.winogradConvolution), (true, .largeWinogradConvolution)] {
        guard !isGuarded || stride == 1 else { continue }
        c.preservesTies = isGuarded
        for level in Engine.availableLevels {
          let convolution = try Convolution(
            c, weights: folded.weights, bias: folded.bias, engine: Engine(level: level, threads: 1))
          let errors = zip(try convolution(input).values, reference.values).map { abs(Double($0) - $1) }
          let worst = zip(errors, reference.magnitudes).map { $0 / $1 }.max() ?? 0
          #expect(worst <= tolerance.relative, "\(name), \(level.name)")
          report.append(
            "\(name) \(isGuarded ? "6x6" : "4x4") \(level.name) \(worst) of the products, "
              + "\((errors.max() ?? 0) / largest) of the largest output")
        }
      }
    }
    if ProcessInfo.processInfo.environment["LIMN_REPORT"] != nil { print(report.joined(separator: "\n")) }
  }

  /// The first map written under each name.
  private func maps(_ file: WeightFile, input reference: WeightFile) throws -> [String: Tensor] {
    let network = try YOLOv5(weights: file)
    let shape = Shape(height: 640, width: 480, channels: 3)
    let planes = try reference.floats("input", shape: [1, 3, shape.height, shape.width])
    let pixels = shape.height * shape.width
    let values = (0..<shape.count).map { planes[$0 % 3 * pixels + $0 / 3] }
    let input = try Tensor(shape: shape, values: values)
    var maps: [String: Tensor] = [:]
    try network.engine.withWorkspace { workspace in
      var workspace = workspace
      workspace.observe = { name, view in
        guard maps[name] == nil else { return }
        let values = (0..<view.shape.height * view.shape.width).flatMap { pixel in
          UnsafeBufferPointer(start: view.pixel(pixel), count: view.shape.channels)
        }
        maps[name] = try? Tensor(shape: view.shape, values: values)
      }
      _ = try input.withView { try network.network($0, workspace) }
    }
    return maps
  }

  /// A square about the middle.
  private func crop(_ map: Tensor, side: Int) throws -> Tensor {
    let shape = map.shape
    let (top, left) = ((shape.height - side) / 2, max((shape.width - side) / 2, 0))
    try #require(shape.height >= side && shape.width >= side)
    let values = (0..<side).flatMap { y in
      let start = ((top + y) * shape.width + left) * shape.channels
      return map.values[start..<start + side * shape.channels]
    }
    return try Tensor(shape: Shape(height: side, width: side, channels: shape.channels), values: values)
  }
}
