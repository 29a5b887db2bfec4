import Glibc

/// Ends the threads that OpenBLAS starts when it is loaded: Limn never uses them, and they would spin beside the first
/// tenth of a second of a process. For a process in which nobody else computes with OpenBLAS.
package func endOpenBLASThreads() {
  typealias Shutdown = @convention(c) () -> CInt
  // Its builds without threads, and those on OpenMP, have no such function.
  guard let symbol = dlsym(nil, "blas_thread_shutdown_") else { return }
  _ = unsafeBitCast(symbol, to: Shutdown.self)()
}
