import Glibc
import Tensor

/// Cuts boxes out of the pyramid, each from the level that fits its size (`MultiScaleRoIAlign`).
struct RegionPooling: Sendable {
  let align: RoIAlign

  init(size: Int) { align = RoIAlign(size: size) }

  /// `boxes`, in pixels of the network's input, from the first four levels to `[boxes, size, size, C]`.
  func callAsFunction(
    _ pyramid: [TensorView], _ boxes: [Box], _ picture: ImageTransform.Picture, into output: TensorView,
    _ workspace: Workspace
  ) {
    let maps = Array(pyramid.prefix(4))
    // From the heights alone, to the nearest power of two.
    let exponents = maps.map { log2(Float($0.shape.height) / Float(picture.resized.height)).rounded(.toNearestOrEven) }
    let lowest = -exponents[0]
    let highest = -exponents[exponents.count - 1]
    let levels = boxes.map { box in
      // A box of 224 pixels belongs to P4 (Feature Pyramid Networks, equation 1).
      let level = (4 + log2(box.area.squareRoot() / 224) + 1e-6).rounded(.down)
      return Int(min(max(level, lowest), highest) - lowest)
    }
    align(maps, scales: exponents.map { exp2($0) }, boxes: boxes, levels: levels, into: output, workspace)
  }
}
