import Glibc

/// Uninitialised memory on a 64-byte boundary, so that no vector straddles a cache line. Freed with its last reference.
///
/// The one who makes it fills it before sharing it; after that it is only read, or belongs to one call at a time.
package final class AlignedBuffer: @unchecked Sendable {
  package static let alignment = 64
  /// From this size on the kernel is asked for huge pages: fewer faults, fewer misses of the translation buffer.
  private static let hugePage = 2 << 20

  package let base: UnsafeMutableRawPointer
  package let byteCount: Int

  package init(byteCount: Int) {
    self.byteCount = byteCount
    let usesHugePages = byteCount >= Self.hugePage
    base = .allocate(byteCount: max(byteCount, 1), alignment: usesHugePages ? Self.hugePage : Self.alignment)
    if usesHugePages { madvise(base, byteCount, MADV_HUGEPAGE) }
  }

  package convenience init(floats count: Int) {
    self.init(byteCount: count * MemoryLayout<Float>.stride)
  }

  deinit { base.deallocate() }

  /// The same memory as floats.
  package var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
