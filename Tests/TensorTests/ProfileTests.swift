import Testing

@testable import Tensor

@Suite struct ProfileTests {
  private static func convolution(_ engine: Engine, kernel: Int = 1, channels: Int = 2) throws -> Convolution {
    try Convolution(
      .init(inputChannels: channels, outputChannels: channels, kernel: Extent(kernel), padding: Extent(kernel / 2)),
      weights: [Float](repeating: 1, count: channels * channels * kernel * kernel), engine: engine)
  }

  private static func input(channels: Int = 2) throws -> Tensor {
    try Tensor(shape: Shape(height: 8, width: 4, channels: channels))
  }

  @Test func operatorsAreNamedWithTheirShapes() throws {
    let engine = try Engine(threads: 1)
    let plain = try Self.convolution(engine)
    let channels = engine.kernels.lanes
    let wide = try Self.convolution(engine, kernel: 3, channels: channels)
    let (count, times) = try engine.profile {
      _ = try plain(Self.input())
      _ = try wide(Self.input(channels: channels))
      _ = try Upsampling(engine: engine)(Self.input())
      return 3
    }
    #expect(count == 3)
    #expect(times.map(\.name) == ["convolution 1x1/1", "convolution 3x3/1", "upsampling"])
    #expect(times.map(\.algorithm) == ["direct", "Winograd", ""])
    #expect(times.map(\.multiplyAdds) == [8 * 4 * 2 * 2, 8 * 4 * channels * channels * 9, 0])
    #expect(times.map(\.input.channels) == [2, channels, 2])
    #expect(times.last?.output == Shape(height: 16, width: 8, channels: 2))
    for time in times { #expect(time.seconds > 0) }
  }

  @Test func nothingIsRecordedOutsideOrOnAnotherEngine() throws {
    let (engine, other) = (try Engine(threads: 1), try Engine(threads: 1))
    let convolution = try Self.convolution(engine)
    let elsewhere = try Self.convolution(other)
    let input = try Self.input()
    _ = try convolution(input)
    #expect(try engine.profile { _ = try elsewhere(input) }.times.isEmpty)
    #expect(try engine.profile { _ = try convolution(input) }.times.count == 1)
    engine.withWorkspace { #expect($0.timer == nil) }
  }

  @Test func oneProfileInsideAnotherAndAnErrorEndsIt() throws {
    let engine = try Engine(threads: 1)
    let convolution = try Self.convolution(engine)
    let input = try Self.input()
    let (inner, outer) = try engine.profile {
      try engine.profile { _ = try convolution(input) }.times
    }
    #expect(inner == outer && outer.count == 1)
    #expect(throws: TensorError.self) { try engine.profile { _ = try convolution(Self.input(channels: 3)) } }
    engine.withWorkspace { #expect($0.timer == nil) }
  }

  @Test func tasksAtOnceAreAllRecorded() async throws {
    let engine = try Engine(threads: 2)
    let convolution = try Self.convolution(engine)
    let input = try Self.input()
    let times = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (try? engine.profile { for _ in 0..<50 { _ = try convolution(input) } }.times.count) ?? 0
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(times.count == 8)
    for count in times { #expect(count >= 50) }
  }
}
