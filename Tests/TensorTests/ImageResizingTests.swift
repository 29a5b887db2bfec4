import Foundation
import Scenes
import Tensor
import TensorTestSupport
import TestSupport
import Testing

@Suite struct ImageResizingTests {
  @Test(arguments: Engine.availableLevels, 1...3)
  func equalToOpenCV(_ level: InstructionSetLevel, _ threads: Int) throws {
    let engine = try Engine(level: level, threads: threads)
    let recordings = try Recording.all()
    #expect(recordings.count == 25)
    for recording in recordings {
      let resized = try recording.source.resized(
        width: recording.target.width, height: recording.target.height, engine: engine)
      #expect(
        mismatch(resized, recording.target) == nil, "\(recording.source.width)x\(recording.source.height)")
    }
  }

  /// More rows than a worker's band.
  @Test(arguments: Engine.availableLevels)
  func threadsChangeNothing(_ level: InstructionSetLevel) throws {
    let source = try noise(width: 61, height: 83)
    for (width, height) in [(40, 97), (61, 130), (30, 41), (122, 166)] {
      let alone = try source.resized(width: width, height: height, engine: Engine(level: level, threads: 1))
      for threads in 2...3 {
        let shared = try source.resized(width: width, height: height, engine: Engine(level: level, threads: threads))
        #expect(mismatch(shared, alone) == nil)
      }
    }
  }

  @Test(arguments: Engine.availableLevels)
  func everyWidth(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let baseline = try Engine(level: .baseline, threads: 1)
    let source = try noise(width: 38, height: 4)
    for width in 1...70 {
      let resized = try source.resized(width: width, height: 2, engine: engine)
      #expect(try mismatch(resized, source.resized(width: width, height: 2, engine: baseline)) == nil)
    }
  }

  @Test func oneColourStays() throws {
    let engine = try Engine(threads: 2)
    for value in [0, 1, 127, 254, 255] as [UInt8] {
      let source = try Image(width: 7, height: 5, pixels: .init(repeating: value, count: 105))
      for (width, height) in [(3, 3), (16, 11), (100, 1)] {
        let resized = try source.resized(width: width, height: height, engine: engine)
        #expect(resized.pixels.allSatisfy { $0 == value })
      }
    }
  }

  @Test func sidesOutOfRange() throws {
    let image = try noise(width: 2, height: 2)
    let engine = try Engine(threads: 1)
    for (width, height) in [(0, 1), (1, -1), (16_777_217, 1), (1, Int.max), (1 << 16, 1 << 16)] {
      #expect(
        throws: SceneError.invalidShape(
          "an image can be resized to sides of 1 to 16777216 pixels and at most 2^32 samples, got \(width)x\(height)")
      ) { try image.resized(width: width, height: height, engine: engine) }
    }
  }

  @Test func wideImages() throws {
    let engine = try Engine(threads: 2)
    let image = try Image(width: 140_000, height: 2, pixels: .init(repeating: 9, count: 840_000))
    #expect(try image.resized(width: 140_000, height: 2, engine: engine) == image)
    for width in [70_000, 70_001] {
      let resized = try image.resized(width: width, height: 1, engine: engine)
      #expect(resized.width == width && resized.pixels.allSatisfy { $0 == 9 })
    }
  }

  @Test(arguments: Engine.availableLevels)
  func normalizingEveryByte(_ level: InstructionSetLevel) throws {
    let kernels = try Engine(level: level, threads: 1).kernels
    let bytes = (0..<256).map { UInt8($0) }
    for count in [0, 1, kernels.lanes - 1, kernels.lanes, kernels.lanes + 1, 256] {
      var floats = [Float](repeating: -1, count: 257)
      bytes.withUnsafeBufferPointer { bytes in
        floats.withUnsafeMutableBufferPointer { floats in
          if let bytes = bytes.baseAddress, let floats = floats.baseAddress {
            kernels.images.normalize(bytes, floats, count)
          }
        }
      }
      #expect(floats == bytes.prefix(count).map { Float($0) / 255 } + .init(repeating: -1, count: 257 - count))
    }
  }
}

/// A case of `Fixtures/resize.py`.
private struct Recording {
  let source: Image
  let target: Image

  static func all() throws -> [Recording] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/resize.bin")
    var rest = try Data(contentsOf: file)[...]
    var recordings: [Recording] = []
    func integer() throws -> Int {
      try #require(rest.count >= 4)
      defer { rest = rest.dropFirst(4) }
      return rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    while !rest.isEmpty {
      let (width, height) = (try integer(), try integer())
      let (targetWidth, targetHeight) = (try integer(), try integer())
      var generator = SeededGenerator(seed: UInt64(recordings.count))
      let source = try Image(width: width, height: height, pixels: generator.bytes(width * height * 3))
      let count = targetWidth * targetHeight * 3
      let target = try Image(width: targetWidth, height: targetHeight, pixels: Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
      recordings.append(Recording(source: source, target: target))
    }
    return recordings
  }
}

private func noise(width: Int, height: Int) throws -> Image {
  var generator = SeededGenerator(seed: 9)
  return try Image(width: width, height: height, pixels: generator.bytes(width * height * 3))
}

private func mismatch(_ a: Image, _ b: Image) -> String? {
  guard a.width == b.width, a.height == b.height else {
    return "\(a.width)x\(a.height) instead of \(b.width)x\(b.height)"
  }
  let differing = a.pixels.indices.filter { a.pixels[$0] != b.pixels[$0] }
  guard let first = differing.first else { return nil }
  return "\(differing.count) of \(a.pixels.count) bytes differ, first at \(first): \(a.pixels[first]), "
    + "expected \(b.pixels[first])"
}
