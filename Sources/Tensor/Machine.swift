import CIntrinsics

/// The machine that the process runs on. Outside of the kernels this is the only user of `CIntrinsics`.
enum Machine {
  /// The highest level that both the CPU and the operating system support.
  static var highestLevel: InstructionSetLevel { InstructionSetLevel(rawValue: Int(limn_cpu_level())) ?? .baseline }

  /// The number of cores that the process may run on.
  static var availableCores: Int { Int(limn_available_cores()) }

  /// Whether the CPU has vectors of 256 bits.
  static var hasWideVectors: Bool { limn_has_wide_vectors() != 0 }

  /// Clears the upper halves of the vector registers, on a CPU that has vectors of 256 bits.
  @inline(__always)
  static func clearUpperHalves() { limn_clear_upper_halves() }

  /// Tells the core that the thread is waiting in a loop.
  @inline(__always)
  static func relax() { limn_relax() }
}
