import Glibc
import Tensor
import Testing

@Suite struct EngineTests {
  @Test func levelsRise() {
    #expect(Engine.availableLevels.first == .baseline)
    #expect(Engine.availableLevels == Engine.availableLevels.sorted())
    #expect(InstructionSetLevel.baseline < .avx2 && InstructionSetLevel.avx2 < .avx512)
  }

  @Test func levelNames() {
    #expect(InstructionSetLevel.allCases.map(\.name) == ["baseline", "avx2", "avx512", "avx512dot"])
    for level in InstructionSetLevel.allCases { #expect(InstructionSetLevel(name: level.name) == level) }
    for name in ["", "AVX2", "avx", "avx512 ", "sse2"] { #expect(InstructionSetLevel(name: name) == nil) }
  }

  @Test func everyLevelHasItsKernels() throws {
    for level in InstructionSetLevel.allCases {
      if Engine.availableLevels.contains(level) {
        let engine = try Engine(level: level, threads: 1)
        #expect(engine.level == level)
        #expect(engine.kernels.level == min(level, .avx512))
        #expect(engine.kernels.lanes == [.baseline: 4, .avx2: 8, .avx512: 16, .avx512dot: 16][level])
        #expect((engine.reducedPrecision.bfloats != nil) == (level == .avx512dot))
      } else {
        let names = Engine.availableLevels.map(\.name).joined(separator: ", ")
        #expect(throws: TensorError.unavailableLevel("this CPU has no \(level.name); it has \(names)")) {
          try Engine(level: level)
        }
      }
    }
  }

  @Test(arguments: [Int.min, -1, 0, 1025, .max])
  func countOfThreadsOutOfRange(_ threads: Int) {
    #expect(
      throws: TensorError.invalidParameter("the count of threads must be 1 to 1024, got \(threads)")
    ) { try Engine(threads: threads) }
  }

  @Test(arguments: [1, 2, 1024])
  func countOfThreads(_ threads: Int) throws {
    #expect(try Engine(threads: threads).threads == threads)
  }

  @Test func oneThreadForEachCoreByDefault() throws {
    #expect(try (1...1024).contains(Engine().threads))
  }

  // The environment belongs to the process, so each of these has one of its own.

  @Test func levelLoweredByTheEnvironment() async {
    await #expect(processExitsWith: .success) {
      setenv("LIMN_LEVEL", "baseline", 1)
      try #require(try Engine().level == .baseline)
      let highest = try #require(Engine.availableLevels.last)
      try #require(try Engine(level: highest).level == highest)
    }
  }

  @Test func highestLevelByDefault() async {
    await #expect(processExitsWith: .success) {
      unsetenv("LIMN_LEVEL")
      try #require(try Engine().level == Engine.availableLevels.last)
      setenv("LIMN_LEVEL", "", 1)
      try #require(try Engine().level == Engine.availableLevels.last)
    }
  }

  @Test func unknownLevelInTheEnvironment() async {
    await #expect(processExitsWith: .success) {
      setenv("LIMN_LEVEL", "avx1024", 1)
      let message = "LIMN_LEVEL is 'avx1024'; the levels are baseline, avx2, avx512, avx512dot"
      let error = #expect(throws: TensorError.self) { try Engine() }
      try #require(error == .unavailableLevel(message))
      try #require(try Engine(level: .baseline).level == .baseline)
    }
  }
}
