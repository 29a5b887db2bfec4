import Glibc

/// Uninitialised memory on a 64-byte boundary, so that no vector straddles a cache line. Freed with its last reference.
///
/// The one who makes it fills it before sharing it; after that it is only read, or belongs to one call at a time.
package final class AlignedBuffer: @unchecked Sendable {
  package static let alignment = 64
  /// From this size on huge pages are worth it: fewer misses of the translation buffer.
  private static let hugePage = 2 << 20

  package let base: UnsafeMutableRawPointer
  package let byteCount: Int

  package init(byteCount: Int) {
    self.byteCount = byteCount
    base = .allocate(
      byteCount: max(byteCount, 1), alignment: byteCount >= Self.hugePage ? Self.hugePage : Self.alignment)
  }

  /// Asks the kernel for huge pages from now on, of a buffer in use: it gathers them in the background. Asked before the
  /// first touch it would clear them at once, which takes long where a hypervisor has taken the memory back.
  package func gatherHugePages() {
    if byteCount >= Self.hugePage { madvise(base, byteCount, MADV_HUGEPAGE) }
  }

  package convenience init(floats count: Int) {
    self.init(byteCount: count * MemoryLayout<Float>.stride)
  }

  deinit { base.deallocate() }

  /// The same memory as floats.
  package var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
