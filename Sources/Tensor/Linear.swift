import Kernels

/// A fully connected layer, `y = activation(x * weights^T + bias)`, by the tiles of the convolutions.
///
/// Its depth of thousands is cut in parts, so that what a panel and a block of rows have of one stay in the second-level
/// cache; the sums of a part are the residual of the next.
package struct Linear: Sendable {
  package let inputs: Int
  package let outputs: Int
  private let packed: PackedWeights
  private let activation: Activation

  /// The largest part of the depth.
  private static let part = 512
  /// The most rows of a block.
  private static let block = 240

  /// - Parameters:
  ///   - weights: `[outputs][inputs]`, as PyTorch stores them.
  ///   - bias: `[outputs]`.
  ///   - engine: What the layer runs on; the weights are packed for its level.
  package init(
    inputs: Int, outputs: Int, weights: [Float], bias: [Float], activation: Activation = .none, engine: Engine
  ) {
    precondition(weights.count == inputs * outputs && bias.count == outputs)
    self.inputs = inputs
    self.outputs = outputs
    self.activation = activation
    packed = PackedWeights(weights, bias, outputs: outputs, inputs: inputs, positions: 1, engine.kernels)
  }

  /// `input` is `[rows][inputs]`, `output` `[rows][outputs]`.
  package func callAsFunction(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>, _ workspace: Workspace
  ) {
    guard rows > 0 else { return }
    let threads = workspace.engine.threads
    var blocks = (rows + Self.block - 1) / Self.block
    if blocks > 1 { blocks = (blocks + threads - 1) / threads * threads }
    let block = ((rows + blocks - 1) / blocks + 11) / 12 * 12  // a multiple of most tiles' rows
    blocks = (rows + block - 1) / block
    let groups = blocks < threads ? packed.panels.count : 1
    workspace.arena.scope {
      let scratches = (0..<threads).map { _ in TileScratch(positions: 1, block: block, workspace) }
      workspace.parallel(blocks * groups) { worker, unit in
        let first = unit % blocks * block
        let count = min(block, rows - first)
        let group = unit / blocks
        let panels = packed.panels[packed.panels.count * group / groups..<packed.panels.count * (group + 1) / groups]
        let parts = (inputs + Self.part - 1) / Self.part
        for part in 0..<parts {
          let depth = inputs * part / parts..<inputs * (part + 1) / parts
          for row in 0..<count { scratches[worker].taps[row] = input + (first + row) * inputs + depth.lowerBound }
          for panel in panels {
            multiply(
              panel, depth, count, into: output + first * outputs + panel.channel, scratches[worker],
              workspace.kernels)
          }
        }
      }
    }
  }

  /// A block's products with one panel over a part of the depth, added to those before; bias and activation follow the
  /// last part.
  private func multiply(
    _ panel: PackedWeights.Panel, _ depth: Range<Int>, _ count: Int, into output: UnsafeMutablePointer<Float>,
    _ scratch: TileScratch, _ kernels: KernelTable
  ) {
    guard let tile = kernels.tiles[panel.columns - 1] else { return assertionFailure("panels fit the tiles") }
    let width = panel.columns * kernels.lanes
    let isLast = depth.upperBound == inputs
    var operands = TileOperands(
      taps: UnsafePointer(scratch.taps), tapStride: scratch.tapStride, positions: 1, depth: depth.count,
      weights: packed.weights(panel) + depth.lowerBound * width, bias: isLast ? packed.bias(panel) : packed.zeros,
      activation: isLast ? activation : .none, residual: depth.lowerBound > 0 ? UnsafePointer(output) : nil,
      residualStride: outputs, addsBeforeActivation: true, output: output, outputStride: outputs)
    let wholeTiles = panel.channels == width ? count / tile.rows : 0
    if wholeTiles > 0 { tile.run(&operands, wholeTiles) }
    var done = wholeTiles * tile.rows
    while done < count {
      let rows = min(tile.rows, count - done)
      scratch.run(tile, operands, pixel: done, rows: rows, channels: panel.channels, width: width)
      done += rows
    }
  }
}
