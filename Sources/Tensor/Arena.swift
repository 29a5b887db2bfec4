import Synchronization

/// Scratch memory of one call: allocating moves an offset, and memory is released in reverse order.
///
/// A call that needs more memory than the arena has allocates further chunks. When it ends they are replaced by one
/// chunk of the most memory it used at a time. So a second call with the same shape takes no new memory from the arena,
/// and the arena keeps no more than the largest call needs.
package final class Arena {
  private var chunks: [AlignedBuffer] = []
  private var chunk = 0
  private var offset = 0
  private var used = 0
  private var peak = 0
  private var zones = RedZones()
  /// Whether the only chunk was used and huge pages were requested for it.
  private var isSettled = false

  /// The least size of a chunk, in bytes. Untouched memory costs nothing, but a network that outgrows its first chunk
  /// touches new memory in two calls. 64 MiB are enough for YOLOv5s at 640×640.
  private static let chunkBytes = 64 << 20

  package init() {}

  /// The size of all chunks, in bytes, in use or not.
  package var capacity: Int { chunks.reduce(0) { $0 + $1.byteCount } }

  /// Bytes that an allocation takes beyond its own, rounded to whole cache lines: the red zones of debug builds.
  package static var overhead: Int { 2 * RedZones.byteCount }

  /// Allocates uninitialised bytes on a 64-byte boundary, valid until the enclosing `scope` ends.
  package func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    let rounded = (max(byteCount, 1) + AlignedBuffer.alignment - 1) & ~(AlignedBuffer.alignment - 1)
    let taken = RedZones.byteCount + rounded + RedZones.byteCount
    while chunk < chunks.count, offset + taken > chunks[chunk].byteCount {
      chunk += 1
      offset = 0
    }
    if chunk == chunks.count {
      let added = AlignedBuffer(byteCount: max(taken, Self.chunkBytes))
      RedZones.guardUnused(added)
      chunks.append(added)
    }
    let memory = chunks[chunk].base + offset + RedZones.byteCount
    zones.add(memory, byteCount: byteCount, tail: rounded - byteCount + RedZones.byteCount)
    offset += taken
    used += taken
    peak = max(peak, used)
    return memory
  }

  /// Allocates `count` uninitialised values, valid until the enclosing `scope` ends.
  package func allocate<Value: BitwiseCopyable>(_ type: Value.Type, _ count: Int) -> UnsafeMutablePointer<Value> {
    allocate(byteCount: count * MemoryLayout<Value>.stride).bindMemory(to: type, capacity: count)
  }

  /// Allocates an uninitialised map of floats, valid until the enclosing `scope` ends.
  package func tensor(_ shape: Shape) -> TensorView {
    TensorView(allocate(Float.self, shape.count), shape)
  }

  /// Allocates an uninitialised map of the given format, valid until the enclosing `scope` ends. One 32-bit word beyond
  /// its end may be read.
  package func tensor(_ shape: Shape, _ format: MapFormat) -> TensorView {
    let byteCount = shape.count * format.byteCount
    let memory = allocate(byteCount: byteCount + 4)
    // Reading whole words may reach beyond the last element. The weights there are 0, but 0 times NaN would be NaN.
    (memory + byteCount).storeBytes(of: 0, as: UInt32.self)
    return TensorView(memory, shape, format)
  }

  /// Allocates `count` values and initialises each with `make(index)`. They are valid until the enclosing `scope` ends.
  /// `make` may also allocate from the arena.
  package func values<Value: BitwiseCopyable>(
    count: Int, _ make: (Int) -> Value
  ) -> UnsafeMutableBufferPointer<Value> {
    let base = allocate(Value.self, count)
    for index in 0..<count { (base + index).initialize(to: make(index)) }
    return UnsafeMutableBufferPointer(start: base, count: count)
  }

  /// Runs `body`, then releases what it allocated.
  package func scope<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let start = (chunk, offset, used)
    let kept = zones.count
    defer {
      zones.release(keeping: kept)
      (chunk, offset, used) = start
    }
    return try body()
  }

  /// Makes an empty list. It is valid until the current scope ends and must grow only in that scope, not in an inner
  /// one.
  package func list<Value: BitwiseCopyable>(of type: Value.Type = Value.self) -> ArenaList<Value> {
    ArenaList(arena: self)
  }

  /// Replaces several chunks by one, between two calls.
  func consolidate() {
    assert(used == 0)
    if chunks.count > 1 {
      let chunk = AlignedBuffer(byteCount: peak)
      RedZones.guardUnused(chunk)
      chunks = [chunk]
      isSettled = false
    } else if !isSettled, let chunk = chunks.first {
      chunk.gatherHugePages()
      isSettled = true
    }
  }
}

/// A list in an arena's memory, valid until the scope in which it was made ends.
package struct ArenaList<Value: BitwiseCopyable> {
  package private(set) var values: UnsafeMutableBufferPointer<Value>
  private var capacity: Int
  private let arena: Arena

  fileprivate init(arena: Arena) {
    self.arena = arena
    capacity = 64
    values = UnsafeMutableBufferPointer(start: arena.allocate(Value.self, capacity), count: 0)
  }

  package mutating func append(_ value: Value) {
    if values.count == capacity {
      capacity *= 2
      let grown = arena.allocate(Value.self, capacity)
      if let base = values.baseAddress { grown.update(from: base, count: values.count) }
      values = UnsafeMutableBufferPointer(start: grown, count: values.count)
    }
    guard let base = values.baseAddress else { return }
    (base + values.count).initialize(to: value)
    values = UnsafeMutableBufferPointer(start: base, count: values.count + 1)
  }
}

/// Arenas waiting for the next call.
final class ArenaPool: Sendable {
  private struct Idle: @unchecked Sendable { var arenas: [Arena] = [] }
  private let idle = Mutex(Idle())

  func withArena<Result, Failure: Error>(_ body: (Arena) throws(Failure) -> Result) throws(Failure) -> Result {
    let arena = idle.withLock { $0.arenas.popLast() } ?? Arena()
    defer {
      arena.consolidate()
      idle.withLock { $0.arenas.append(arena) }
    }
    return try arena.scope { () throws(Failure) in try body(arena) }
  }
}
