import Glibc

/// Uninitialised memory on a 64-byte boundary, so that no vector crosses a cache line. It is freed with its last
/// reference.
///
/// Its maker fills it before sharing it. After that it is only read, or used by one call at a time.
package final class AlignedBuffer: @unchecked Sendable {
  package static let alignment = 64
  /// The least size, in bytes, for which huge pages are requested, to lower the number of TLB misses.
  private static let hugePage = 2 << 20

  package let base: UnsafeMutableRawPointer
  package let byteCount: Int

  package init(byteCount: Int) {
    self.byteCount = byteCount
    base = .allocate(
      byteCount: max(byteCount, 1), alignment: byteCount >= Self.hugePage ? Self.hugePage : Self.alignment)
  }

  /// Asks the operating system to use huge pages for a buffer that was filled; it collects them in the background.
  ///
  /// Asked before the memory is first touched, it would clear huge pages at once, which takes long where a hypervisor
  /// has reclaimed the memory.
  package func gatherHugePages() {
    if byteCount >= Self.hugePage { madvise(base, byteCount, MADV_HUGEPAGE) }
  }

  package convenience init(floats count: Int) {
    self.init(byteCount: count * MemoryLayout<Float>.stride)
  }

  deinit { base.deallocate() }

  /// The memory as floats.
  package var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
