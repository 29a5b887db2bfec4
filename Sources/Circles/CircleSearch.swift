import Tensor

/// The smoothing of an image before its edges are detected.
public enum Blur: Sendable, Hashable {
  /// No smoothing.
  case none
  /// A `GaussianBlur` with a kernel of `size` pixels, odd and 1 to 31, and a standard deviation of `sigma` pixels; 0
  /// derives it from the size.
  case gaussian(size: Int, sigma: Double)
  /// A `MedianBlur` with a neighbourhood of `size` pixels, 3 or 5.
  case median(size: Int)

  /// Checks the parameters.
  ///
  /// - Throws: `SceneError.invalidParameter` for a value out of range.
  public func validate() throws(SceneError) {
    _ = try stage()
  }

  /// Smooths an image.
  ///
  /// - Throws: `SceneError.invalidParameter` for a value out of range.
  public func callAsFunction(_ image: GrayImage, engine: Engine) throws(SceneError) -> GrayImage {
    guard let smooth = try stage() else { return image }
    return GrayImage(like: (image.width, image.height)) { target in
      engine.withWorkspace { workspace in image.withPlane { smooth($0, target, workspace) } }
    }
  }

  /// A function that smooths one plane into another, or nil for no smoothing.
  func stage() throws(SceneError) -> ((Plane, Plane, Workspace) -> Void)? {
    switch self {
    case .none: return nil
    case .gaussian(let size, let sigma):
      let blur = try GaussianBlur(size: size, sigma: sigma)
      return { blur.blur($0, into: $1, $2) }
    case .median(let size):
      let blur = try MedianBlur(size: size)
      return { blur.filter($0, into: $1, $2) }
    }
  }
}

/// Finds the circles in an image: reduces it if asked to, converts it to grey, blurs it and runs the Hough transform.
public struct CircleSearch: Sendable, Hashable {
  /// The Hough transform. Its lengths are in pixels of the searched image: the reduced copy, if there is one.
  public var transform: HoughCircles
  /// The smoothing before the transform.
  public var blur: Blur
  /// The longest side, in pixels, of the image that is searched, at least 1. A larger image is reduced first; nil
  /// searches every image at its own size.
  public var maxSide: Int?

  /// Makes a search. The defaults are those of OpenCV's most copied example.
  public init(
    transform: HoughCircles = HoughCircles(), blur: Blur = .gaussian(size: 9, sigma: 2), maxSide: Int? = nil
  ) {
    self.transform = transform
    self.blur = blur
    self.maxSide = maxSide
  }

  /// Checks the parameters.
  ///
  /// - Throws: `SceneError.invalidParameter` for a value out of range.
  public func validate() throws(SceneError) {
    try transform.validate()
    try blur.validate()
    if let maxSide, maxSide < 1 {
      throw .invalidParameter("the longest side of the searched image must be at least 1 pixel, got \(maxSide)")
    }
  }

  /// The size, in pixels, at which an image of the given size is searched.
  ///
  /// The size is returned unchanged when its sides are not 1 to 2^31, or `maxSide` is below 1.
  public func searchedSize(width: Int, height: Int) -> (width: Int, height: Int) {
    let longer = max(width, height)
    guard let maxSide, maxSide >= 1, maxSide < longer, min(width, height) >= 1, longer <= 1 << 31 else {
      return (width, height)
    }
    func reduced(_ side: Int) -> Int { max((side * maxSide + longer / 2) / longer, 1) }
    return (reduced(width), reduced(height))
  }

  /// Finds the circles in an image.
  ///
  /// - Returns: Circles in continuous pixel coordinates of `image`, by falling support, in the order of `HoughCircles`.
  ///   Their support counts edge pixels of the searched image.
  /// - Throws: `SceneError.invalidParameter` for a value out of range, or when the accumulator would take too much
  ///   memory; `CancellationError` if the task was cancelled.
  public func callAsFunction(_ image: Image, engine: Engine) throws -> [SupportedCircle] {
    try validate()
    let size = searchedSize(width: image.width, height: image.height)
    try transform.validate(width: size.width, height: size.height)
    let searched = try image.reduced(to: size, engine: engine)
    let smooth = try blur.stage()
    let circles = try engine.withWorkspace { workspace in
      let gray = workspace.plane(width: size.width, height: size.height)
      searched.grayscale(into: gray, workspace)
      try workspace.checkCancellation()
      guard let smooth else { return try transform.find(in: gray, workspace) }
      let blurred = workspace.plane(width: size.width, height: size.height)
      smooth(gray, blurred, workspace)
      try workspace.checkCancellation()
      return try transform.find(in: blurred, workspace)
    }
    let map = CoordinateMap.resized(from: (image.width, image.height), to: size)
    guard !map.isIdentity else { return circles }
    return circles.map { found in
      var mapped = found
      mapped.circle = map.inverse(found.circle)
      return mapped
    }
  }
}

extension Image {
  /// The image reduced to the given size: halved while it is at least twice as large, then interpolated, so that every
  /// pixel contributes.
  fileprivate func reduced(to size: (width: Int, height: Int), engine: Engine) throws(SceneError) -> Image {
    var image = self
    while image.width >= 2 * size.width, image.height >= 2 * size.height {
      image = try image.resized(width: image.width / 2, height: image.height / 2, engine: engine)
    }
    return try image.resized(width: size.width, height: size.height, engine: engine)
  }
}
