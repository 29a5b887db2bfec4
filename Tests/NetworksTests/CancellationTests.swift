import Networks
import TestSupport
import Testing

/// A cancelled task ends a network within a picture.
@Suite struct CancellationTests {
  private let image: Image

  init() throws { image = try Image(width: 64, height: 48, pixels: [UInt8](repeating: 90, count: 64 * 48 * 3)) }

  /// What work gives in a task that is cancelled before it begins.
  private func cancelled<Result: Sendable>(
    _ work: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try work()
    }
    task.cancel()
    return try await task.value
  }

  @Test func ofYOLOv5() async throws {
    let detector = try YOLOv5()
    let image = self.image
    let before = try detector.detect(image)
    await #expect(throws: CancellationError.self) {
      try await cancelled { try detector.detect(image) }
    }
    await #expect(throws: CancellationError.self) {
      try await cancelled { try detector.detect([image, image, image]) }
    }
    #expect(try detector.detect(image) == before)
  }

  @Test func ofMaskRCNN() async throws {
    let detector = try MaskRCNN()
    let image = self.image
    await #expect(throws: CancellationError.self) {
      try await cancelled { try detector.detect(image) }
    }
  }

  @Test func ofAWeightFileThatIsWritten() async throws {
    let folder = try ScratchFolder()
    let path = try folder.write([1], to: "out.safetensors")
    await #expect(throws: WeightFileError.cannotWrite(path: path, reason: "the task was cancelled")) {
      try await cancelled { try SafetensorsWriter.write([.init(name: "x", shape: [1], floats: [2])], to: path) }
    }
    #expect(try folder.files() == ["out.safetensors"])
    #expect(try folder.bytes("out.safetensors") == [1])
  }
}
