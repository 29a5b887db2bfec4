/// Joins the edges between pixels inside and outside into closed polygons.
///
/// Every edge has its inside on the right: the tops of spans lead right, their bottoms left, left sides up and right
/// sides down. Each span has one top and one bottom, which are one pixel wide. A side reaches as far as both
/// neighbouring columns stay unchanged, so no side follows another, and the sides alone give the corners of a polygon.
struct ContourTracer {
  private struct Side {
    let x: Int
    let top: Int
    var bottom: Int
    let leadsDown: Bool

    var start: Mask.Corner { Mask.Corner(x: x, y: leadsDown ? top : bottom) }
    var end: Mask.Corner { Mask.Corner(x: x, y: leadsDown ? bottom : top) }
  }

  private var sides: [Side] = []
  /// The index of the edge after each edge. Tops and bottoms of spans come first, alternately, then the sides.
  private var successors: [Int]
  private let flatCount: Int
  private var visited: [Bool] = []
  private var nextSide = 0

  init(_ mask: Mask) {
    var rows: [Int] = []
    var columns: [Int] = []
    var firstColumn = 0
    for span in mask.spans {
      if rows.isEmpty { firstColumn = span.x }
      while columns.count <= span.x - firstColumn { columns.append(rows.count) }
      rows.append(span.rows.lowerBound)
      rows.append(span.rows.upperBound)
    }
    flatCount = rows.count
    successors = Array(repeating: 0, count: rows.count)
    guard flatCount > 0 else { return }
    columns.append(rows.count)
    link(rows, left: 0..<0, right: 0..<columns[1], x: firstColumn)
    for column in 1..<columns.count {
      let right = column + 1 < columns.count ? columns[column]..<columns[column + 1] : rows.count..<rows.count
      link(rows, left: columns[column - 1]..<columns[column], right: right, x: firstColumn + column)
    }
    visited = Array(repeating: false, count: sides.count)
  }

  /// Returns the next polygon in the order of their leftmost sides' columns; nil after the last.
  mutating func next() -> (corners: [Mask.Corner], isHole: Bool)? {
    while nextSide < sides.count, visited[nextSide] { nextSide += 1 }
    guard nextSide < sides.count else { return nil }
    var corners = [sides[nextSide].end]
    var side = follow(nextSide)
    while side != nextSide {
      visited[side] = true
      corners.append(sides[side].start)
      corners.append(sides[side].end)
      side = follow(side)
    }
    visited[side] = true
    corners.append(sides[side].start)
    return (corners, sides[side].leadsDown)
  }

  private func follow(_ side: Int) -> Int {
    var edge = successors[flatCount + side]
    while edge < flatCount { edge = successors[edge] }
    return edge - flatCount
  }

  /// Links the edges that meet on the line between two columns, which change at `rows[left]` and `rows[right]`.
  private mutating func link(_ rows: [Int], left: Range<Int>, right: Range<Int>, x: Int) {
    var (west, east) = (left.lowerBound, right.lowerBound)
    var north: Int?
    while west < left.upperBound || east < right.upperBound {
      let westRow = west < left.upperBound ? rows[west] : .max
      let eastRow = east < right.upperBound ? rows[east] : .max
      let y = min(westRow, eastRow)
      if let north { sides[north - flatCount].bottom = y }
      // A change at an even index begins a span, so the column is inside below it.
      let westEdge = westRow == y ? west : nil
      let eastEdge = eastRow == y ? east : nil
      if westEdge != nil { west += 1 }
      if eastEdge != nil { east += 1 }
      let leftInside = !(west - left.lowerBound).isMultiple(of: 2)
      let rightInside = !(east - right.lowerBound).isMultiple(of: 2)
      var south: Int?
      if leftInside != rightInside {
        south = flatCount + sides.count
        sides.append(Side(x: x, top: y, bottom: y, leadsDown: leftInside))
        successors.append(0)
      }
      join(west: westEdge, east: eastEdge, north: north, south: south)
      north = south
    }
  }

  /// Links the two or four edges that meet at a corner.
  private mutating func join(west: Int?, east: Int?, north: Int?, south: Int?) {
    if let west, let east, let north, let south {
      // Two pixels touch only at the corner: each keeps its own two edges.
      if sides[north - flatCount].leadsDown {
        successors[north] = west
        successors[south] = east
      } else {
        successors[east] = north
        successors[west] = south
      }
      return
    }
    var (arriving, leaving): (Int?, Int?)
    func meet(_ edge: Int?, arrives: (Int) -> Bool) {
      guard let edge else { return }
      if arrives(edge) { arriving = edge } else { leaving = edge }
    }
    meet(west) { $0.isMultiple(of: 2) }
    meet(east) { !$0.isMultiple(of: 2) }
    meet(north) { sides[$0 - flatCount].leadsDown }
    meet(south) { !sides[$0 - flatCount].leadsDown }
    if let arriving, let leaving { successors[arriving] = leaving }
  }
}
