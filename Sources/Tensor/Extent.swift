/// A height and a width, such as the size of a kernel or its step in both directions.
///
/// An integer literal is a square extent: `3` is 3×3.
public struct Extent: Hashable, Sendable, BitwiseCopyable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// The vertical part, in rows.
  public var height: Int
  /// The horizontal part, in columns.
  public var width: Int

  /// Makes an extent from its height and width.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// Makes an extent whose height and width are equal.
  public init(_ both: Int) { self.init(height: both, width: both) }

  /// Makes an extent whose height and width are equal.
  public init(integerLiteral value: Int) { self.init(value) }

  /// The extent as text, height first, such as `3x1`.
  public var description: String { "\(height)x\(width)" }
}
