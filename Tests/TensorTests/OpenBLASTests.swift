import Foundation
import Tensor
import Testing

/// The self-check of OpenBLAS, and the choice between it and Limn's own tiles.
@Suite struct OpenBLASTests {
  /// A product as the definition has it, `error` off in one element of the products that are at least that large.
  private func product(
    offBy error: Float = 0, fromRows rows: Int = 0, writesBeyond: Bool = false
  ) -> OpenBLAS.Product {
    { operands in
      for row in 0..<operands.rows {
        for column in 0..<operands.columns {
          var sum: Float = 0
          for k in 0..<operands.depth {
            let place = operands.transposesB ? column * operands.bStride + k : k * operands.bStride + column
            sum += operands.a[row * operands.aStride + k] * operands.b[place]
          }
          operands.c[row * operands.cStride + column] = sum
        }
        if writesBeyond { operands.c[row * operands.cStride + operands.columns] = 0 }
      }
      if operands.rows >= rows { operands.c[(operands.rows - 1) * operands.cStride] += error }
    }
  }

  private func library(_ core: String = "Sandybridge") throws -> Result<OpenBLAS, OpenBLASError> {
    .success(try OpenBLAS(version: "0.3.21", core: core, product: product()))
  }

  @Test func aRightProductPasses() throws {
    let library = try OpenBLAS(version: "0.3.21", core: "Nehalem", product: product())
    #expect(library.version == "0.3.21" && library.core == "Nehalem")
  }

  @Test func aWrongProductIsRefused() {
    let wrong = #expect(throws: OpenBLASError.self) {
      try OpenBLAS(version: "0.3.21", core: "Nehalem", product: product(offBy: 1))
    }
    #expect(wrong == .wrongProduct(rows: 1, depth: 1, columns: 1, core: "Nehalem"))
    #expect(
      wrong?.description == "OpenBLAS computes a wrong product of 1x1 by 1x1 with its kernels for Nehalem")
    // Only in large products, and only a little.
    let large = #expect(throws: OpenBLASError.self) {
      try OpenBLAS(version: "0.3.21", core: "Nehalem", product: product(offBy: 0.001, fromRows: 50))
    }
    #expect(large == .wrongProduct(rows: 50, depth: 130, columns: 30, core: "Nehalem"))
    #expect(throws: OpenBLASError.self) {
      try OpenBLAS(version: "0.3.21", core: "Nehalem", product: product(offBy: .nan, fromRows: 33))
    }
    #expect(throws: OpenBLASError.self) {
      try OpenBLAS(version: "0.3.21", core: "Nehalem", product: product(writesBeyond: true))
    }
    #expect(throws: OpenBLASError.self) {
      try OpenBLAS(version: "0.3.21", core: "Nehalem") { _ in }
    }
  }

  @Test func itIsUsedWhereItMeasuredFaster() throws {
    let choice = ProductChoice.forLayers(level: .baseline, highestLevel: .baseline, .automatic) {
      Result { () throws(OpenBLASError) in
        try OpenBLAS(version: "0.3.21", core: "Sandybridge", product: product())
      }
    }
    #if arch(x86_64)
      #expect(choice.openBLAS?.core == "Sandybridge")
    #else
      #expect(choice.openBLAS == nil)
    #endif
  }

  #if arch(x86_64)
    @Test(arguments: ["Nehalem", "Prescott", "Unheard"])
    func otherKernelsAreNotUsedUnasked(_ core: String) throws {
      let library = try library(core)
      let choice = ProductChoice.forLayers(level: .baseline, highestLevel: .baseline, .automatic) { library }
      #expect(
        reason(choice) == "OpenBLAS's kernels for \(core) did not measure faster; LIMN_OPENBLAS=on uses them")
      #expect(
        ProductChoice.forLayers(level: .baseline, highestLevel: .baseline, .always) { library }.openBLAS?.core == core)
    }

    /// OpenBLAS would compute with instructions that the level excludes.
    @Test func aLoweredLevelLoadsNothing() {
      let choice = ProductChoice.forLayers(level: .baseline, highestLevel: .avx512, .automatic, library: notLoaded)
      #expect(
        reason(choice) == "this CPU has avx512, so the level was lowered; LIMN_OPENBLAS=on uses OpenBLAS")
    }
  #endif

  @Test(arguments: InstructionSetLevel.allCases.dropFirst())
  func levelsWithAFasterTileLoadNothing(_ level: InstructionSetLevel) {
    for use in [OpenBLASUse.automatic, .always] {
      let choice = ProductChoice.forLayers(level: level, highestLevel: level, use, library: notLoaded)
      #expect(reason(choice) == "at the level \(level.name) it is faster than OpenBLAS")
    }
  }

  @Test func switchedOffNothingIsLoaded() {
    let reason = "OpenBLAS is switched off"
    #expect(
      self.reason(.forLayers(level: .baseline, highestLevel: .baseline, .never, library: notLoaded)) == reason)
    #expect(self.reason(.forMatrixProduct(.never, library: notLoaded)) == reason)
  }

  @Test(arguments: [
    (OpenBLASError.notFound, "OpenBLAS is not installed (Debian's package is libopenblas0-pthread)"),
    (.isSetToThreads(4), "this process uses OpenBLAS itself, with 4 threads, and Limn leaves them alone"),
    (.unsuitable(library: "libopenblas.so"), "libopenblas.so lacks cblas_sgemm for 32-bit sizes"),
    (
      .usesOpenMP(library: "libopenblas.so.0"),
      "libopenblas.so.0 is built with OpenMP, whose threads Limn cannot limit (Debian's package libopenblas0-pthread is "
        + "not)"
    ),
  ])
  func withoutTheLibraryTheTileIsUsed(_ error: OpenBLASError, _ text: String) {
    #expect(reason(.forLayers(level: .baseline, highestLevel: .baseline, .always) { .failure(error) }) == text)
    #expect(reason(.forMatrixProduct(.automatic) { .failure(error) }) == text)
  }

  private func notLoaded() -> Result<OpenBLAS, OpenBLASError> {
    Issue.record("the library is loaded")
    return .failure(.notFound)
  }

  private func reason(_ choice: ProductChoice) -> String? {
    if case .tile(let reason) = choice { reason } else { nil }
  }

  // What is loaded, and the environment, belong to the process, so each of these has one of its own.

  @Test func theSystemsLibraryAddsNoThread() async {
    await #expect(processExitsWith: .success) {
      usleep(50_000)  // until Swift has started its own threads
      let threads = try threadCount()
      guard case .success(let library) = OpenBLAS.system else { return print("no OpenBLAS: not tested") }
      let handle = try #require(dlopen("libopenblas.so.0", RTLD_NOW | RTLD_NOLOAD))
      let limit = try #require(dlsym(handle, "openblas_get_num_threads"))
      try #require(unsafeBitCast(limit, to: (@convention(c) () -> CInt).self)() == 1)
      var c: Float = 0
      withUnsafePointer(to: Float(3)) { three in
        withUnsafeMutablePointer(to: &c) { c in
          library.multiply(
            ProductOperands(
              rows: 1, depth: 1, columns: 1, a: three, aStride: 1, b: three, bStride: 1, c: c, cStride: 1))
        }
      }
      try #require(c == 9)
      try #require(try threadCount() == threads)
      let engine = try Engine(level: .baseline, threads: 1, usesOpenBLAS: true)
      try #require(engine.layerProducts.usesOpenBLAS)
    }
  }

  @Test func theLibraryOfTheProcessKeepsItsThreads() async {
    await #expect(processExitsWith: .success) {
      guard let handle = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL),
        let limit = dlsym(handle, "openblas_set_num_threads"), let count = dlsym(handle, "openblas_get_num_threads")
      else { return print("no OpenBLAS: not tested") }
      unsafeBitCast(limit, to: (@convention(c) (CInt) -> Void).self)(2)
      guard case .failure(.isSetToThreads(2)) = OpenBLAS.system else {
        Issue.record("\(OpenBLAS.system)")
        return
      }
      try #require(unsafeBitCast(count, to: (@convention(c) () -> CInt).self)() == 2)
      let engine = try Engine(level: .baseline, threads: 1, usesOpenBLAS: true)
      try #require(
        engine.layerProducts.description
          == "own tile: this process uses OpenBLAS itself, with 2 threads, and Limn leaves them alone")
    }
  }

  @Test func theLibraryOfTheProcessIsUsedIfItHasOneThread() async {
    await #expect(processExitsWith: .success) {
      guard let handle = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL),
        let limit = dlsym(handle, "openblas_set_num_threads")
      else { return print("no OpenBLAS: not tested") }
      unsafeBitCast(limit, to: (@convention(c) (CInt) -> Void).self)(1)
      guard case .success = OpenBLAS.system else {
        Issue.record("\(OpenBLAS.system)")
        return
      }
    }
  }

  @Test func theEnvironmentDecides() async {
    await #expect(processExitsWith: .success) {
      setenv("LIMN_OPENBLAS", "off", 1)
      try #require(try Engine(level: .baseline).layerProducts.description == "own tile: OpenBLAS is switched off")
      if case .success = OpenBLAS.system {
        try #require(try Engine(level: .baseline, usesOpenBLAS: true).layerProducts.usesOpenBLAS)
        setenv("LIMN_OPENBLAS", "on", 1)
        try #require(try Engine(level: .baseline).layerProducts.usesOpenBLAS)
      }
      setenv("LIMN_OPENBLAS", "yes", 1)
      let error = #expect(throws: TensorError.self) { try Engine() }
      try #require(error == .invalidParameter("LIMN_OPENBLAS is 'yes'; it can be on or off"))
      setenv("LIMN_OPENBLAS", "", 1)
      _ = try Engine()
    }
  }
}

/// The number of threads of this process.
private func threadCount() throws -> Int {
  try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
}
