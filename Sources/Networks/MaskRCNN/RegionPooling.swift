import Glibc
import Tensor

/// Crops boxes from the feature pyramid, each from the level that suits its size. Matches torchvision's
/// `MultiScaleRoIAlign`.
struct RegionPooling: Sendable {
  let align: RoIAlign

  init(size: Int, engine: Engine) throws { align = try RoIAlign(size: size, samplingRatio: 2, engine: engine) }

  /// Crops `boxes`, in pixels of the network's input, from the first four levels to `[boxes, size, size, C]`.
  func callAsFunction(
    _ pyramid: [TensorView], _ boxes: [Box], _ picture: ImageTransform.Picture, into output: TensorView,
    _ workspace: Workspace
  ) {
    let maps = Array(pyramid.prefix(4))
    // The scale of a level, from the heights only, rounded to a power of two.
    let exponents = maps.map { log2(Float($0.shape.height) / Float(picture.resized.height)).rounded(.toNearestOrEven) }
    let lowest = -exponents[0]
    let highest = -exponents[exponents.count - 1]
    let levels = boxes.map { box in
      // A box of 224×224 pixels belongs to P4 (Lin et al., doi:10.1109/CVPR.2017.106, equation 1).
      let level = (4 + log2(box.area.squareRoot() / 224) + 1e-6).rounded(.down)
      return Int(min(max(level, lowest), highest) - lowest)
    }
    align(maps, scales: exponents.map { exp2($0) }, boxes: boxes, levels: levels, into: output, workspace)
  }
}
