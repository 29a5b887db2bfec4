import Tensor

/// The radius around a centre that most edges support.
struct RadiusEstimate {
  /// The radius in pixels, or 0 if no edge supports any.
  var radius: Float = 0
  /// The number of edge pixels in a ring of one cell's width.
  var support = 0

  /// Bins per cell of the accumulator.
  static let binsPerCell = 10

  /// The number of bins for a search; 0 if the radii differ by less than a twentieth of a cell.
  static func binCount(_ search: HoughCircles) -> Int {
    let radii = search.searchedRadii
    return Int(nearest(Float(radii.upperBound - radii.lowerBound) / search.resolution * Float(binsPerCell)))
  }

  /// Counts the edges around a centre by distance, and chooses the ring with the most edges relative to its radius; of
  /// equal rings the smaller one.
  ///
  /// `bins` has room for `binCount` + 1 numbers.
  init(
    x: Float, y: Float, _ edges: EdgeGrid, _ search: HoughCircles, bins: UnsafeMutablePointer<Int32>,
    _ kernels: CircleKernels
  ) {
    let count = Self.binCount(search)
    guard count > 0 else { return }
    let radii = search.searchedRadii
    bins.initialize(repeating: 0, count: count + 1)
    let options = RadiusBins(
      minimum: Float(radii.lowerBound), maximum: Float(radii.upperBound), resolution: search.resolution, count: count)
    let reach = options.maximum + 1
    let cell = Float(EdgeGrid.cell)
    let top = max(Int((y - reach) / cell), 0)
    let bottom = min(Int((y + reach) / cell), edges.rows - 1)
    for row in stride(from: top, through: bottom, by: 1) {
      // The chord of the circle in this row of cells.
      let nearest = min(max(y, Float(row) * cell), Float(row + 1) * cell)
      let half = max(reach * reach - (y - nearest) * (y - nearest), 0).squareRoot()
      let left = max(Int((x - half) / cell), 0)
      let right = min(Int((x + half) / cell), edges.columns - 1)
      guard left <= right else { continue }
      let points = edges.points(row: row, columns: left...right)
      kernels.countRadii(
        CountRadiiOperands(
          xs: edges.xs + points.lowerBound, ys: edges.ys + points.lowerBound, pointCount: points.count, centreX: x,
          centreY: y, radii: options, bins: bins))
    }
    choose(bins, count, options)
  }

  /// Visits the bins from the outermost to the innermost as OpenCV does: a ring starts at a bin that is not empty, and
  /// the search continues after it.
  private mutating func choose(_ bins: UnsafeMutablePointer<Int32>, _ count: Int, _ options: RadiusBins) {
    var bin = count - 1
    while bin > 0 {
      if bins[bin] == 0 {
        bin -= 1
        continue
      }
      let outer = bin
      var support = 0
      while bin > outer - Self.binsPerCell, bin >= 0 {
        support += Int(bins[bin])
        bin -= 1
      }
      let middle = Float(outer + bin) / 2 / Float(Self.binsPerCell) * options.resolution + options.minimum
      if Float(support) * radius >= Float(self.support) * middle
        || (radius < .ulpOfOne && support >= self.support)
      {
        (radius, self.support) = (middle, support)
      }
      bin -= 1
    }
  }
}
