import Glibc

/// What multiplies matrices: Limn's own register tiles, or OpenBLAS.
public struct ProductKernel: Sendable, Hashable, CustomStringConvertible {
  /// Whether it is OpenBLAS.
  public let usesOpenBLAS: Bool
  /// A phrase such as `OpenBLAS 0.3.21 with its kernels for Sandybridge`, or `own tile: ` and why OpenBLAS is not used.
  public let description: String
}

/// Whether OpenBLAS was asked for.
package enum OpenBLASUse: Sendable, Hashable {
  /// Where it measured faster.
  case automatic
  /// Wherever an engine of the level baseline can use it.
  case always
  case never

  /// Reads the environment variable `LIMN_OPENBLAS`: `on`, `off`, or not set.
  static func requested() throws(TensorError) -> OpenBLASUse {
    switch getenv("LIMN_OPENBLAS").map({ String(cString: $0) }) {
    case nil, "": return .automatic
    case "on": return .always
    case "off": return .never
    case .some(let text): throw .invalidParameter("LIMN_OPENBLAS is '\(text)'; it can be on or off")
    }
  }
}

/// The choice between OpenBLAS and Limn's own tiles.
package enum ProductChoice: Sendable {
  case tile(reason: String)
  case openBLAS(OpenBLAS)

  /// The CPU types whose products in OpenBLAS measured faster than the baseline level's tile: those with vectors of 8
  /// floats, on CPUs whose highest level is baseline. The table is in Docs/kernels.md.
  private static let fasterCores: Set = ["Sandybridge"]

  /// Chooses what multiplies the matrices of an engine's layers.
  ///
  /// - Parameters:
  ///   - highestLevel: The highest level of the CPU.
  ///   - library: Loads OpenBLAS. Called only where it may be used.
  package static func forLayers(
    level: InstructionSetLevel, highestLevel: InstructionSetLevel, _ use: OpenBLASUse,
    library: () -> Result<OpenBLAS, OpenBLASError>
  ) -> ProductChoice {
    if use == .never { return .tile(reason: "OpenBLAS is switched off") }
    guard level == .baseline else { return .tile(reason: "at the level \(level.name) it is faster than OpenBLAS") }
    if use == .automatic {
      #if !arch(x86_64)
        return .tile(reason: "OpenBLAS was not measured on this architecture; LIMN_OPENBLAS=on uses it")
      #endif
      // OpenBLAS looks at the CPU, not at the level. It would compute what a CPU of that level cannot.
      guard highestLevel == .baseline else {
        return .tile(
          reason: "this CPU has \(highestLevel.name), so the level was lowered; LIMN_OPENBLAS=on uses OpenBLAS")
      }
    }
    switch library() {
    case .failure(let error): return .tile(reason: error.description)
    case .success(let openBLAS):
      guard use == .always || fasterCores.contains(openBLAS.core) else {
        return .tile(
          reason: "OpenBLAS's kernels for \(openBLAS.core) did not measure faster; LIMN_OPENBLAS=on uses them")
      }
      return .openBLAS(openBLAS)
    }
  }

  /// Chooses what multiplies two matrices in `MatrixProduct`, at any level.
  package static func forMatrixProduct(
    _ use: OpenBLASUse, library: () -> Result<OpenBLAS, OpenBLASError>
  ) -> ProductChoice {
    if use == .never { return .tile(reason: "OpenBLAS is switched off") }
    switch library() {
    case .failure(let error): return .tile(reason: error.description)
    case .success(let openBLAS): return .openBLAS(openBLAS)
    }
  }

  package var openBLAS: OpenBLAS? {
    if case .openBLAS(let openBLAS) = self { openBLAS } else { nil }
  }

  var kernel: ProductKernel {
    switch self {
    case .tile(let reason): ProductKernel(usesOpenBLAS: false, description: "own tile: " + reason)
    case .openBLAS(let openBLAS):
      ProductKernel(
        usesOpenBLAS: true, description: "OpenBLAS \(openBLAS.version) with its kernels for \(openBLAS.core)")
    }
  }
}

extension Engine {
  /// What multiplies the matrices of this engine's convolutions and fully connected layers. OpenBLAS is loaded if it
  /// may be used.
  public var layerProducts: ProductKernel { layerProductChoice.kernel }

  /// Whether OpenBLAS was not excluded.
  package var allowsOpenBLAS: Bool { openBLASUse != .never }

  var layerProductChoice: ProductChoice {
    .forLayers(level: level, highestLevel: Machine.highestLevel, openBLASUse) { OpenBLAS.system }
  }

  var matrixProductChoice: ProductChoice { .forMatrixProduct(openBLASUse) { OpenBLAS.system } }
}
