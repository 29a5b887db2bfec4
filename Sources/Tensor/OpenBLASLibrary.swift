import Glibc

extension OpenBLAS {
  /// The library of the system, or why it cannot be used. It is loaded when this is first read.
  package static let system: Result<OpenBLAS, OpenBLASError> = Result { () throws(OpenBLASError) in try load() }

  /// The names of the library: the current one, that of some other systems, and that of the development package.
  private static let names = ["libopenblas.so.0", "libopenblas.so.3", "libopenblas.so"]

  private static func load() throws(OpenBLASError) -> OpenBLAS {
    // Symbols of a library that the process has linked would also be bound in a second copy, so there is only one.
    if dlsym(nil, "openblas_get_config") != nil { return try OpenBLAS(loaded: nil, name: "OpenBLAS") }
    for name in names {
      if let handle = dlopen(name, RTLD_NOW | RTLD_NOLOAD) { return try OpenBLAS(loaded: handle, name: name) }
    }
    for name in names {
      guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { continue }
      let functions = try Functions(handle, name)
      functions.useOneThread(handle)
      return try OpenBLAS(functions)
    }
    throw .notFound
  }

  /// Uses the library that the process has loaded for itself, if that is set to one thread.
  private init(loaded handle: UnsafeMutableRawPointer?, name: String) throws(OpenBLASError) {
    let functions = try Functions(handle, name)
    let threads = Int(functions.threads())
    guard threads == 1 else { throw .isSetToThreads(threads) }
    try self.init(functions)
  }

  private init(_ functions: Functions) throws(OpenBLASError) {
    let (sgemm, hasWideVectors) = (functions.sgemm, Machine.hasWideVectors)
    try self.init(version: functions.version, core: String(cString: functions.core())) { operands in
      sgemm(
        Functions.rowMajor, Functions.asStored, operands.transposesB ? Functions.transposed : Functions.asStored,
        CInt(operands.rows), CInt(operands.columns), CInt(operands.depth), 1, operands.a, CInt(operands.aStride),
        operands.b, CInt(operands.bStride), 0, operands.c, CInt(operands.cStride))
      // OpenBLAS's kernels for Sandybridge leave the upper halves of the registers in use. Until they are cleared, the
      // SSE instructions of the baseline level run several times slower.
      if hasWideVectors { Machine.clearUpperHalves() }
    }
  }

  /// The functions of the library that Limn calls, by their C declarations in OpenBLAS's `cblas.h`.
  private struct Functions {
    typealias SGEMM =
      @convention(c) (
        _ order: CInt, _ transposesA: CInt, _ transposesB: CInt, _ rows: CInt, _ columns: CInt, _ depth: CInt,
        _ alpha: CFloat, UnsafePointer<CFloat>, CInt, UnsafePointer<CFloat>, CInt, _ beta: CFloat,
        UnsafeMutablePointer<CFloat>, CInt
      ) -> Void
    typealias Text = @convention(c) () -> UnsafePointer<CChar>
    typealias Count = @convention(c) () -> CInt
    typealias Limit = @convention(c) (CInt) -> Void

    static let rowMajor: CInt = 101
    static let asStored: CInt = 111
    static let transposed: CInt = 112

    let sgemm: SGEMM
    let core: Text
    let threads: Count
    private let limitThreads: Limit
    let version: String

    init(_ handle: UnsafeMutableRawPointer?, _ name: String) throws(OpenBLASError) {
      guard let sgemm = dlsym(handle, "cblas_sgemm"), let config = dlsym(handle, "openblas_get_config"),
        let core = dlsym(handle, "openblas_get_corename"), let threads = dlsym(handle, "openblas_get_num_threads"),
        let limit = dlsym(handle, "openblas_set_num_threads"), let build = dlsym(handle, "openblas_get_parallel")
      else { throw .unsuitable(library: name) }
      let words = String(cString: unsafeBitCast(config, to: Text.self)()).split(separator: " ")
      guard !words.contains("USE64BITINT") else { throw .unsuitable(library: name) }
      let isOpenMP = unsafeBitCast(build, to: Count.self)() == 2
      guard !isOpenMP else { throw .usesOpenMP(library: name) }
      self.sgemm = unsafeBitCast(sgemm, to: SGEMM.self)
      self.core = unsafeBitCast(core, to: Text.self)
      self.threads = unsafeBitCast(threads, to: Count.self)
      limitThreads = unsafeBitCast(limit, to: Limit.self)
      version = words.count > 1 ? String(words[1]) : "of unknown version"
    }

    /// Sets the library to the calling thread, and ends the threads that it started when it was loaded: they would
    /// spin for a tenth of a second.
    func useOneThread(_ handle: UnsafeMutableRawPointer) {
      limitThreads(1)
      // A build without threads has no such function.
      guard let shutdown = dlsym(handle, "blas_thread_shutdown_") else { return }
      _ = unsafeBitCast(shutdown, to: Count.self)()
    }
  }
}
