import Kernels
import Scenes

/// RoIAlign (He et al., Mask R-CNN, doi:10.1109/ICCV.2017.322): each region is divided into bins, and each bin is the
/// mean of bilinear samples at evenly spaced places.
///
/// Matches torchvision's `roi_align`; with several maps, each region is cropped from the one that it names, as in
/// `MultiScaleRoIAlign`. A sample more than one pixel outside of its map counts as 0.
public struct RoIAlign: Sendable {
  /// The number of bins along each side of the output, 1 to 1024.
  public let size: Int
  /// The number of samples along each side of a bin, 1 to 64; nil for as many as a bin has pixels of the map, rounded
  /// up.
  public let samplingRatio: Int?
  /// Whether regions are shifted by half a pixel, so that they agree with the centres of the map's pixels. Else a
  /// region also covers at least one pixel of the map.
  public let isAligned: Bool
  private let engine: Engine

  /// The largest number of samples along each side of a bin.
  private static let ratioLimit = 64

  /// Makes a RoIAlign.
  ///
  /// - Throws: `TensorError.invalidParameter` when a parameter is out of range.
  public init(
    size: Int, samplingRatio: Int? = nil, isAligned: Bool = false, engine: Engine
  ) throws(TensorError) {
    guard (1...1024).contains(size) else {
      throw .invalidParameter("the size of RoIAlign must be 1 to 1024, got \(size)")
    }
    if let samplingRatio, !(1...Self.ratioLimit).contains(samplingRatio) {
      throw .invalidParameter("the sampling ratio of RoIAlign must be 1 to \(Self.ratioLimit), got \(samplingRatio)")
    }
    self.size = size
    self.samplingRatio = samplingRatio
    self.isAligned = isAligned
    self.engine = engine
  }

  /// The shape `[boxes, size, size, C]` of the output for maps of shape `[1, H, W, C]`.
  ///
  /// - Throws: `TensorError.invalidShape` when there is no map or no box, when a map has another number of channels or
  ///   more than one image, or when the output would have more than 2^32 elements.
  public func outputShape(for maps: [Shape], boxes: Int) throws(TensorError) -> Shape {
    guard let first = maps.first else { throw .invalidShape("RoIAlign needs at least 1 map, got 0") }
    for map in maps {
      try map.validate()
      guard map.batch == 1, map.channels == first.channels else {
        throw .invalidShape("RoIAlign needs maps of shape [1, H, W, \(first.channels)], got \(map)")
      }
    }
    return try Shape(batch: boxes, height: size, width: size, channels: first.channels).validated()
  }

  /// Crops regions from one or several maps.
  ///
  /// - Parameters:
  ///   - maps: `[1, H, W, C]`, one for each level of a pyramid.
  ///   - scales: The size of each map relative to the boxes' pixels, such as 1/4.
  ///   - boxes: The regions.
  ///   - levels: For each box, the index of the map that it is cropped from.
  /// - Returns: `[boxes, size, size, C]`.
  /// - Throws: `TensorError.invalidShape` when a shape or a count does not fit; `TensorError.invalidParameter` for a
  ///   scale that is not positive, a level without a map, or a box that is not finite or, without a sampling ratio, has
  ///   bins of more than 64 pixels of its map.
  public func callAsFunction(
    _ maps: [Tensor], scales: [Float], boxes: [Box], levels: [Int]
  ) throws(TensorError) -> Tensor {
    let shape = try outputShape(for: maps.map(\.shape), boxes: boxes.count)
    try validate(maps.count, scales, boxes, levels)
    return try engine.makeTensor(shape) { output, workspace in
      withViews(maps) { self($0, scales: scales, boxes: boxes, levels: levels, into: output, workspace) }
    }
  }

  /// Crops regions from one or several maps and writes the result to an existing tensor.
  ///
  /// - Parameters:
  ///   - maps: `[1, H, W, C]`, one for each level of a pyramid.
  ///   - scales: The size of each map relative to the boxes' pixels, such as 1/4.
  ///   - boxes: The regions.
  ///   - levels: For each box, the index of the map that it is cropped from.
  ///   - output: `[boxes, size, size, C]`, or with more channels if `channel` is given.
  ///   - channel: Where the result's channels begin; the output's other channels stay. By default the output has no
  ///     others.
  /// - Throws: As the form that returns a tensor, and `TensorError.invalidShape` when the output's shape does not fit.
  public func callAsFunction(
    _ maps: [Tensor], scales: [Float], boxes: [Box], levels: [Int], into output: inout Tensor, at channel: Int? = nil
  ) throws(TensorError) {
    let shape = try outputShape(for: maps.map(\.shape), boxes: boxes.count)
    try validate(maps.count, scales, boxes, levels)
    try engine.write(shape, to: &output, at: channel) { output, workspace in
      withViews(maps) { self($0, scales: scales, boxes: boxes, levels: levels, into: output, workspace) }
    }
  }

  private func validate(
    _ maps: Int, _ scales: [Float], _ boxes: [Box], _ levels: [Int]
  ) throws(TensorError) {
    guard scales.count == maps, levels.count == boxes.count else {
      throw .invalidShape(
        "RoIAlign got \(maps) maps and \(scales.count) scales, \(boxes.count) boxes and \(levels.count) levels")
    }
    for scale in scales where !(scale > 0 && scale.isFinite) {
      throw .invalidParameter("the scales of RoIAlign must be above 0 and finite, got \(scale)")
    }
    for (box, level) in zip(boxes, levels) {
      guard (0..<maps).contains(level) else {
        throw .invalidParameter("the levels of RoIAlign must be 0 to \(maps - 1), got \(level)")
      }
      let region = Region(box, scales[level], self)
      guard [region.left, region.top, region.binWidth, region.binHeight].allSatisfy(\.isFinite) else {
        throw .invalidParameter("the boxes of RoIAlign must be finite, got \(box)")
      }
      guard samplingRatio != nil || max(region.binWidth, region.binHeight) <= Float(Self.ratioLimit) else {
        throw .invalidParameter(
          "a bin of RoIAlign without a sampling ratio may have at most \(Self.ratioLimit)x\(Self.ratioLimit) pixels, got "
            + "\(region.binHeight)x\(region.binWidth) for \(box) with scale \(scales[level])")
      }
    }
  }

  /// Where a box lies on its map, in the map's pixels.
  private struct Region {
    let left: Float
    let top: Float
    let binWidth: Float
    let binHeight: Float
    /// Samples along each side of a bin; 0 where the region is empty.
    let columns: Int
    let rows: Int

    init(_ box: Box, _ scale: Float, _ align: RoIAlign) {
      let shift: Float = align.isAligned ? 0.5 : 0
      left = box.x1 * scale - shift
      top = box.y1 * scale - shift
      var (width, height) = (box.x2 * scale - shift - left, box.y2 * scale - shift - top)
      if !align.isAligned { (width, height) = (max(width, 1), max(height, 1)) }
      binWidth = width / Float(align.size)
      binHeight = height / Float(align.size)
      func samples(_ bin: Float) -> Int {
        if let ratio = align.samplingRatio { return ratio }
        // Also for NaN: 0.
        return bin > 0 ? Int(min(bin.rounded(.up), Float(RoIAlign.ratioLimit))) : 0
      }
      columns = samples(binWidth)
      rows = samples(binHeight)
    }
  }

  /// Crops `boxes` from feature maps of one format.
  ///
  /// - Parameters:
  ///   - maps: `[1, H, W, C]`, one per level.
  ///   - scales: The size of each map relative to the boxes' pixels.
  ///   - boxes: The regions.
  ///   - levels: For each box, the index of the map it is cropped from.
  ///   - output: `[boxes, size, size, C]`, in the maps' format.
  package func callAsFunction(
    _ maps: [TensorView], scales: [Float], boxes: [Box], levels: [Int], into output: TensorView, _ workspace: Workspace
  ) {
    assert(output.shape.batch == boxes.count && levels.count == boxes.count && maps.count == scales.count)
    guard !boxes.isEmpty else { return }
    let weightedSum = workspace.weightedSum(output.format)
    let timer = workspace.timer
    defer { timer?.stop("RoIAlign", from: maps[0].shape, to: output.shape) }
    workspace.arena.scope {
      let samples = samplingRatio.map { $0 * $0 } ?? largestBin(boxes, scales, levels)
      let tables = workspace.perWorker {
        (
          TapGeometry.table(4 * samples, workspace),
          workspace.arena.tensor(Shape(height: 1, width: 1, channels: 4 * samples)).base
        )
      }
      workspace.parallel(boxes.count) { worker, index in
        let (taps, weights) = tables[worker]
        let map = maps[levels[index]]
        let region = Region(boxes[index], scales[levels[index]], self)
        let share = 1 / Float(max(region.rows * region.columns, 1))
        for row in 0..<size {
          for column in 0..<size {
            var count = 0
            for down in 0..<region.rows {
              let y = Self.place(from: region.top, row, down, of: region.rows, region.binHeight)
              for right in 0..<region.columns {
                let x = Self.place(from: region.left, column, right, of: region.columns, region.binWidth)
                count += Self.sample(map, x, y, share, taps + count, weights + count)
              }
            }
            weightedSum(
              WeightedSumOperands(
                taps: taps, weights: weights, count: count, channels: map.shape.channels,
                output: output.address((index * size + row) * size + column)))
          }
        }
      }
    }
  }

  /// The samples of the largest bin of all boxes, at least 1.
  private func largestBin(_ boxes: [Box], _ scales: [Float], _ levels: [Int]) -> Int {
    var largest = 1
    for (box, level) in zip(boxes, levels) {
      let region = Region(box, scales[level], self)
      largest = max(largest, region.rows * region.columns)
    }
    return largest
  }

  /// The place of a sample, in pixels of the map, rounded as torchvision rounds it.
  private static func place(from start: Float, _ bin: Int, _ sample: Int, of samples: Int, _ size: Float) -> Float {
    start + Float(bin) * size + (Float(sample) + 0.5) * size / Float(samples)
  }

  /// Writes the four pixels around a point and their weights, the bilinear ones times `share`. Returns their
  /// number: 4, or 0 outside of the map.
  private static func sample(
    _ map: TensorView, _ x: Float, _ y: Float, _ share: Float, _ taps: TapGeometry.Taps,
    _ weights: UnsafeMutablePointer<Float>
  ) -> Int {
    let (height, width) = (map.shape.height, map.shape.width)
    guard y >= -1, y <= Float(height), x >= -1, x <= Float(width) else { return 0 }
    let (top, bottom, dy) = neighbours(y, height)
    let (left, right, dx) = neighbours(x, width)
    taps[0] = UnsafeRawPointer(map.address(top * width + left))
    taps[1] = UnsafeRawPointer(map.address(top * width + right))
    taps[2] = UnsafeRawPointer(map.address(bottom * width + left))
    taps[3] = UnsafeRawPointer(map.address(bottom * width + right))
    weights[0] = (1 - dy) * (1 - dx) * share
    weights[1] = (1 - dy) * dx * share
    weights[2] = dy * (1 - dx) * share
    weights[3] = dy * dx * share
    return 4
  }

  private static func neighbours(_ position: Float, _ size: Int) -> (Int, Int, Float) {
    let position = max(position, 0)
    let low = Int(position)
    return low >= size - 1 ? (size - 1, size - 1, 0) : (low, low + 1, position - Float(low))
  }
}
