import CIntrinsics

/// The machine that the process runs on: the only use of `CIntrinsics` beside the levels.
enum Machine {
  /// The highest level that the CPU and the operating system allow.
  static var highestLevel: InstructionSetLevel { InstructionSetLevel(rawValue: Int(limn_cpu_level())) ?? .baseline }

  /// Cores that the process may run on.
  static var availableCores: Int { Int(limn_available_cores()) }

  /// Tells the core that it spins.
  @inline(__always)
  static func relax() { limn_relax() }
}
