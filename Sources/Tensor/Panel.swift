/// A few vectors of output channels that one register tile computes at a time (Goto and van de Geijn,
/// doi:10.1145/1356052.1356053).
struct Panel: Sendable, BitwiseCopyable {
  /// Vectors of output channels.
  let columns: Int
  /// First output channel.
  let channel: Int
  /// Output channels, without the padding.
  let channels: Int

  /// Divides the vectors of output channels into as few panels as possible, as equal in size as possible.
  ///
  /// - Parameters:
  ///   - outputs: Output channels.
  ///   - maximum: Vectors of the widest register tile.
  static func split(outputs: Int, maximum: Int, lanes: Int) -> [Panel] {
    let vectors = (outputs + lanes - 1) / lanes
    let count = (vectors + maximum - 1) / maximum
    var first = 0
    return (0..<count).map { index in
      let columns = vectors / count + (index < vectors % count ? 1 : 0)
      defer { first += columns }
      return Panel(
        columns: columns, channel: first * lanes, channels: min(columns * lanes, outputs - first * lanes))
    }
  }
}

extension [Panel] {
  /// Vectors of output channels in the widest panel.
  var widest: Int { reduce(1) { Swift.max($0, $1.columns) } }
}
