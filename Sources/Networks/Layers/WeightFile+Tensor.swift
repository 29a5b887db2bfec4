import Tensor

extension WeightFile {
  /// Reads a tensor of PyTorch's layout, `[N, C, H, W]`, such as a recorded input, as `[N, H, W, C]`.
  ///
  /// A tensor of three dimensions is `[C, H, W]`, one of two is `[N, C]`.
  ///
  /// - Throws: `WeightFileError.missing`, `malformed`, `unreadable` or `expanded`; `TensorError.invalidShape` for
  ///   more than 2^32 elements.
  public func tensor(_ name: String) throws -> Tensor {
    guard let extents = entry(name)?.shape else { throw WeightFileError.missing(path: path, key: name) }
    let shape: Shape
    switch (extents.count, extents.allSatisfy { (1...LayerBuilder.largestExtent).contains($0) }) {
    case (4, true): shape = Shape(batch: extents[0], height: extents[2], width: extents[3], channels: extents[1])
    case (3, true): shape = Shape(height: extents[1], width: extents[2], channels: extents[0])
    case (2, true): shape = Shape(batch: extents[0], height: 1, width: 1, channels: extents[1])
    default:
      throw WeightFileError.malformed(
        path: path,
        detail: "\(printable(name)) has shape \(extents), but a tensor needs 2 to 4 dimensions of 1 to "
          + "\(LayerBuilder.largestExtent)")
    }
    let values = try floats(name)
    var tensor = try Tensor(shape: shape)
    let area = shape.height * shape.width
    tensor.withUnsafeMutableValues { pixels in
      for index in values.indices {
        let (plane, pixel) = (index / area, index % area)
        let (image, channel) = (plane / shape.channels, plane % shape.channels)
        pixels[(image * area + pixel) * shape.channels + channel] = values[index]
      }
    }
    return tensor
  }
}
