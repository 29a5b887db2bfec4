import Tensor

/// How a picture is smoothed before its edges are sought.
public enum Blur: Sendable, Hashable {
  /// Not at all.
  case none
  /// By `GaussianBlur`.
  case gaussian(size: Int, sigma: Double)
  /// By `MedianBlur`.
  case median(size: Int)

  /// Throws `SceneError.invalidParameter` for a value out of range.
  public func validate() throws(SceneError) {
    _ = try stage()
  }

  /// Smooths a picture.
  ///
  /// - Throws: `SceneError.invalidParameter` for a value out of range.
  public func callAsFunction(_ image: GrayImage, engine: Engine) throws(SceneError) -> GrayImage {
    guard let smooth = try stage() else { return image }
    return GrayImage(like: (image.width, image.height)) { target in
      engine.withWorkspace { workspace in image.withPlane { smooth($0, target, workspace) } }
    }
  }

  /// The smoothing from one plane into another; nil for none.
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

/// From a picture to its circles: a reduced copy where asked for, grey, blur, transform.
public struct CircleSearch: Sendable, Hashable {
  /// The transform. Its lengths are in pixels of the picture that is searched: the reduced copy, where there is one.
  public var transform: HoughCircles
  /// The smoothing before it.
  public var blur: Blur
  /// The longer side of the copy that is searched, at least 1; nil, or a longer side than the picture's, for the picture
  /// itself.
  public var maxSide: Int?

  /// Makes a search; the defaults are those of the example that is copied most.
  public init(
    transform: HoughCircles = HoughCircles(), blur: Blur = .gaussian(size: 9, sigma: 2), maxSide: Int? = nil
  ) {
    self.transform = transform
    self.blur = blur
    self.maxSide = maxSide
  }

  /// Throws `SceneError.invalidParameter` for a value out of range.
  public func validate() throws(SceneError) {
    try transform.validate()
    try blur.validate()
    if let maxSide, maxSide < 1 {
      throw .invalidParameter("the longer side of the searched copy must be at least 1 pixel, got \(maxSide)")
    }
  }

  /// The size of the copy that is searched: that of the picture where its sides are not 1 to 2^31, or `maxSide` is below 1.
  public func searchedSize(width: Int, height: Int) -> (width: Int, height: Int) {
    let longer = max(width, height)
    guard let maxSide, maxSide >= 1, maxSide < longer, min(width, height) >= 1, longer <= 1 << 31 else {
      return (width, height)
    }
    func reduced(_ side: Int) -> Int { max((side * maxSide + longer / 2) / longer, 1) }
    return (reduced(width), reduced(height))
  }

  /// Finds the circles of a picture.
  ///
  /// - Returns: Circles in continuous pixel coordinates of `image`, in the order of `HoughCircles`; their support is that
  ///   of the picture that was searched.
  /// - Throws: `SceneError` for a value out of range, or where the accumulator would take too much memory.
  public func callAsFunction(_ image: Image, engine: Engine) throws(SceneError) -> [SupportedCircle] {
    try validate()
    let size = searchedSize(width: image.width, height: image.height)
    try transform.validate(width: size.width, height: size.height)
    let searched = try image.reduced(to: size, engine: engine)
    let smooth = try blur.stage()
    let circles = engine.withWorkspace { workspace in
      let gray = workspace.plane(width: size.width, height: size.height)
      searched.grayscale(into: gray, workspace)
      guard let smooth else { return transform.find(in: gray, workspace) }
      let blurred = workspace.plane(width: size.width, height: size.height)
      smooth(gray, blurred, workspace)
      return transform.find(in: blurred, workspace)
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
  /// The picture reduced: halved while that is not too small, then interpolated, so that every pixel counts.
  fileprivate func reduced(to size: (width: Int, height: Int), engine: Engine) throws(SceneError) -> Image {
    var image = self
    while image.width >= 2 * size.width, image.height >= 2 * size.height {
      image = try image.resized(width: image.width / 2, height: image.height / 2, engine: engine)
    }
    return try image.resized(width: size.width, height: size.height, engine: engine)
  }
}
