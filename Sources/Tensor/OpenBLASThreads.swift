import Glibc

/// Ends the threads that OpenBLAS starts when it is loaded. Limn never uses them, and they would spin during the first
/// tenth of a second of the process.
///
/// Call it only in a process where no other code computes with OpenBLAS.
package func endOpenBLASThreads() {
  typealias Shutdown = @convention(c) () -> CInt
  // OpenBLAS built without threads, or with OpenMP, has no such function.
  guard let symbol = dlsym(nil, "blas_thread_shutdown_") else { return }
  _ = unsafeBitCast(symbol, to: Shutdown.self)()
}
