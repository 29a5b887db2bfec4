import Glibc

/// Guards the allocations of an arena in debug builds; in release builds it does nothing and takes no memory.
///
/// Before and after each allocation lies a zone of known bytes, which is checked when the allocation is released.
/// Memory that is not in use, or was not written yet, holds NaN as floats and no valid address as pointers. Under
/// AddressSanitizer, whose instrumentation does not know where an arena's allocations end, zones and unused memory are
/// poisoned, so that reading a single byte of them ends the process.
struct RedZones {
  #if DEBUG
    /// The bytes before an allocation, and at least as many after it.
    static let byteCount = 64
    private static let pattern: UInt8 = 0xa5
    private static let unwritten: UInt8 = 0xff

    /// An allocation, without its zones.
    private struct Allocation {
      let memory: UnsafeMutableRawPointer
      let byteCount: Int
      /// Bytes from the allocation's end to the end of the zone after it.
      let tail: Int
    }
    private var allocations: [Allocation] = []

    var count: Int { allocations.count }

    /// Guards `byteCount` bytes at `memory`, which lie between `RedZones.byteCount` bytes and `tail` bytes.
    mutating func add(_ memory: UnsafeMutableRawPointer, byteCount: Int, tail: Int) {
      Sanitizer.unpoison(memory - Self.byteCount, Self.byteCount + byteCount + tail)
      (memory - Self.byteCount).initializeMemory(as: UInt8.self, repeating: Self.pattern, count: Self.byteCount)
      memory.initializeMemory(as: UInt8.self, repeating: Self.unwritten, count: byteCount)
      (memory + byteCount).initializeMemory(as: UInt8.self, repeating: Self.pattern, count: tail)
      Sanitizer.poison(memory - Self.byteCount, Self.byteCount)
      Sanitizer.poison(memory + byteCount, tail)
      allocations.append(Allocation(memory: memory, byteCount: byteCount, tail: tail))
    }

    /// Checks the zones of all allocations but the first `kept`, and releases them.
    mutating func release(keeping kept: Int) {
      while allocations.count > kept, let last = allocations.popLast() {
        let start = last.memory - Self.byteCount
        Sanitizer.unpoison(start, Self.byteCount + last.byteCount + last.tail)
        for offset in 0..<Self.byteCount {
          precondition(
            start.load(fromByteOffset: offset, as: UInt8.self) == Self.pattern,
            "written \(Self.byteCount - offset) bytes before an allocation of \(last.byteCount) bytes")
        }
        for offset in last.byteCount..<last.byteCount + last.tail {
          precondition(
            last.memory.load(fromByteOffset: offset, as: UInt8.self) == Self.pattern,
            "written at byte \(offset) of an allocation of \(last.byteCount) bytes")
        }
        last.memory.initializeMemory(as: UInt8.self, repeating: Self.unwritten, count: last.byteCount)
        Sanitizer.poison(start, Self.byteCount + last.byteCount + last.tail)
      }
    }

    /// Marks a chunk's memory as unused.
    static func guardUnused(_ chunk: AlignedBuffer) { Sanitizer.poison(chunk.base, chunk.byteCount) }
  #else
    static let byteCount = 0
    @inline(__always) var count: Int { 0 }
    @inline(__always) mutating func add(_ memory: UnsafeMutableRawPointer, byteCount: Int, tail: Int) {}
    @inline(__always) mutating func release(keeping kept: Int) {}
    @inline(__always) static func guardUnused(_ chunk: AlignedBuffer) {}
  #endif
}

#if DEBUG
  /// The functions by which a program tells AddressSanitizer about its own memory, if it runs under it.
  private enum Sanitizer {
    private typealias Function = @convention(c) (UnsafeRawPointer, Int) -> Void
    private static let poisonFunction = function("__asan_poison_memory_region")
    private static let unpoisonFunction = function("__asan_unpoison_memory_region")

    static func poison(_ memory: UnsafeRawPointer, _ byteCount: Int) { poisonFunction?(memory, byteCount) }
    static func unpoison(_ memory: UnsafeRawPointer, _ byteCount: Int) { unpoisonFunction?(memory, byteCount) }

    private static func function(_ name: String) -> Function? {
      dlsym(nil, name).map { unsafeBitCast($0, to: Function.self) }
    }
  }
#endif
