extension Mask {
  /// Consecutive pixels inside the mask, in one column.
  public struct Span: Sendable, Hashable {
    /// The column.
    public let x: Int
    /// The rows, at least one.
    public let rows: Range<Int>
  }

  /// The pixels inside the mask as the longest vertical spans: columns from left to right, each from top to bottom.
  public var spans: Spans { Spans(mask: self) }

  /// The spans of a mask, computed one by one.
  public struct Spans: Sequence, IteratorProtocol, Sendable {
    private let mask: Mask
    private var nextRun = 0
    private var position = 0
    private var end = 0

    init(mask: Mask) { self.mask = mask }

    /// Returns the next span, or nil after the last.
    public mutating func next() -> Span? {
      if position == end {
        guard nextRun + 1 < mask.runs.count else { return nil }
        position += Int(mask.runs[nextRun])
        end = position + Int(mask.runs[nextRun + 1])
        nextRun += 2
      }
      let (x, y) = position.quotientAndRemainder(dividingBy: mask.height)
      let count = Swift.min(end - position, mask.height - y)
      position += count
      return Span(x: x, rows: y..<(y + count))
    }
  }
}
