import Synchronization

/// Scratch memory of one call: handed out by moving an offset, taken back in the reverse order.
///
/// Chunks stay when they are given back, and the same call asks for the same sizes in the same order; so the second
/// inference of a shape allocates nothing.
package final class Arena {
  private var chunks: [AlignedBuffer] = []
  private var chunk = 0
  private var offset = 0

  package init() {}

  /// Bytes held, in use or not.
  package var capacity: Int { chunks.reduce(0) { $0 + $1.byteCount } }

  /// Uninitialised bytes on a 64-byte boundary, valid until the enclosing `scope` ends.
  package func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    let rounded = (max(byteCount, 1) + AlignedBuffer.alignment - 1) & ~(AlignedBuffer.alignment - 1)
    while chunk < chunks.count, offset + rounded > chunks[chunk].byteCount {
      chunk += 1
      offset = 0
    }
    if chunk == chunks.count { chunks.append(AlignedBuffer(byteCount: max(rounded, 8 << 20))) }
    defer { offset += rounded }
    return chunks[chunk].base + offset
  }

  /// An uninitialised tensor, valid until the enclosing `scope` ends.
  package func tensor(_ shape: Shape) -> TensorView {
    let bytes = allocate(byteCount: shape.count * MemoryLayout<Float>.stride)
    return TensorView(bytes.bindMemory(to: Float.self, capacity: shape.count), shape)
  }

  /// Runs `body` and takes back what it allocated.
  package func scope<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let start = (chunk, offset)
    defer { (chunk, offset) = start }
    return try body()
  }
}

/// Arenas waiting for the next call.
final class ArenaPool: Sendable {
  private struct Idle: @unchecked Sendable { var arenas: [Arena] = [] }
  private let idle = Mutex(Idle())

  func withArena<Result, Failure: Error>(_ body: (Arena) throws(Failure) -> Result) throws(Failure) -> Result {
    let arena = idle.withLock { $0.arenas.popLast() } ?? Arena()
    defer { idle.withLock { $0.arenas.append(arena) } }
    return try arena.scope { () throws(Failure) in try body(arena) }
  }
}
