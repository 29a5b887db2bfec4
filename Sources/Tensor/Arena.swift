import Synchronization

/// Scratch memory of one call: handed out by moving an offset, taken back in the reverse order.
///
/// A call that needs more than there is takes further chunks; afterwards they become one, of what it held at most at a
/// time. So the second inference of a shape allocates nothing, and no more is kept than the largest call needs.
package final class Arena {
  private var chunks: [AlignedBuffer] = []
  private var chunk = 0
  private var offset = 0
  private var used = 0
  private var peak = 0
  /// Whether the one chunk that is left was used, and huge pages asked for.
  private var isSettled = false

  /// Bytes of a chunk at least. Memory that nothing touches costs nothing, while a network that outgrows its first chunk
  /// touches new memory in two calls: 64 MiB hold YOLOv5s at 640×640.
  private static let chunkBytes = 64 << 20

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
    if chunk == chunks.count { chunks.append(AlignedBuffer(byteCount: max(rounded, Self.chunkBytes))) }
    defer {
      offset += rounded
      used += rounded
      peak = max(peak, used)
    }
    return chunks[chunk].base + offset
  }

  /// An uninitialised tensor, valid until the enclosing `scope` ends.
  package func tensor(_ shape: Shape) -> TensorView {
    let bytes = allocate(byteCount: shape.count * MemoryLayout<Float>.stride)
    return TensorView(bytes.bindMemory(to: Float.self, capacity: shape.count), shape)
  }

  /// An uninitialised map of that format, valid in the enclosing `scope`; a word beyond its end may be read.
  package func tensor(_ shape: Shape, _ format: MapFormat) -> TensorView {
    let byteCount = shape.count * format.byteCount
    let memory = allocate(byteCount: byteCount + 4)
    // A run of words may reach beyond the last element, and meets weights of 0 there: it must not be a NaN.
    (memory + byteCount).storeBytes(of: 0, as: UInt32.self)
    return TensorView(memory, shape, format)
  }

  /// That many values, valid until the enclosing `scope` ends; `make` may allocate in turn.
  package func values<Value: BitwiseCopyable>(
    count: Int, _ make: (Int) -> Value
  ) -> UnsafeMutableBufferPointer<Value> {
    let base = allocate(byteCount: count * MemoryLayout<Value>.stride).bindMemory(to: Value.self, capacity: count)
    for index in 0..<count { (base + index).initialize(to: make(index)) }
    return UnsafeMutableBufferPointer(start: base, count: count)
  }

  /// Runs `body` and takes back what it allocated.
  package func scope<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let start = (chunk, offset, used)
    defer { (chunk, offset, used) = start }
    return try body()
  }

  /// An empty list in the present scope, which must be the one in which it grows.
  package func list<Value: BitwiseCopyable>(of type: Value.Type = Value.self) -> ArenaList<Value> {
    ArenaList(arena: self)
  }

  /// Makes one chunk of many, between two calls.
  func consolidate() {
    assert(used == 0)
    if chunks.count > 1 {
      chunks = [AlignedBuffer(byteCount: peak)]
      isSettled = false
    } else if !isSettled, let chunk = chunks.first {
      chunk.gatherHugePages()
      isSettled = true
    }
  }
}

/// A list that grows in an arena's memory, valid until the scope ends in which it was made and grew.
package struct ArenaList<Value: BitwiseCopyable> {
  package private(set) var values: UnsafeMutableBufferPointer<Value>
  private var capacity: Int
  private let arena: Arena

  fileprivate init(arena: Arena) {
    self.arena = arena
    capacity = 64
    values = UnsafeMutableBufferPointer(start: Self.memory(capacity, arena), count: 0)
  }

  package mutating func append(_ value: Value) {
    if values.count == capacity {
      capacity *= 2
      let grown = Self.memory(capacity, arena)
      if let base = values.baseAddress { grown.update(from: base, count: values.count) }
      values = UnsafeMutableBufferPointer(start: grown, count: values.count)
    }
    guard let base = values.baseAddress else { return }
    (base + values.count).initialize(to: value)
    values = UnsafeMutableBufferPointer(start: base, count: values.count + 1)
  }

  private static func memory(_ count: Int, _ arena: Arena) -> UnsafeMutablePointer<Value> {
    arena.allocate(byteCount: count * MemoryLayout<Value>.stride).bindMemory(to: Value.self, capacity: count)
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
