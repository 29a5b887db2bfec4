import CIntrinsics

/// The machine that the process runs on. Outside of the kernels this is the only user of `CIntrinsics`.
enum Machine {
  /// The highest level that both the CPU and the operating system support.
  static var highestLevel: InstructionSetLevel { InstructionSetLevel(rawValue: Int(limn_cpu_level())) ?? .baseline }

  /// The number of cores that the process may run on.
  static var availableCores: Int { Int(limn_available_cores()) }

  /// Tells the core that the thread is waiting in a loop.
  @inline(__always)
  static func relax() { limn_relax() }
}
