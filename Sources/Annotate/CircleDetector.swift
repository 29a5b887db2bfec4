import Circles
import Networks
import Tensor

/// Finds circles, such as coins, by the Hough transform, without weights.
public struct CircleDetector: Detector {
  /// What a search may vary. Lengths are in pixels of the copy that is searched.
  public struct Options: Sendable, Hashable {
    /// Pixels to one cell of the accumulator, at least 1.
    public var resolution: Float = 1
    /// Pixels between two centres, above 0.
    public var minDistance: Float = 20
    /// The upper threshold of edges, at least 1.
    public var edgeThreshold: Int = 50
    /// The votes that a circle must exceed, at least 1.
    public var votes: Int = 30
    /// The least radius.
    public var minRadius: Int = 10
    /// The largest radius.
    public var maxRadius: Int = 100
    /// The smoothing before the search.
    public var blur: Blur = .gaussian(size: 9, sigma: 2)
    /// The longer side of the copy that is searched; nil for the picture itself.
    public var maxSide: Int?
    /// The least score, 0 to 1.
    public var confidence: Float = 0
    /// The most circles.
    public var maxDetections: Int = .max

    /// Makes the default options.
    public init() {}

    /// Throws `TensorError.invalidParameter` for a value out of range.
    public func validate() throws(TensorError) { try search.validate() }

    fileprivate var search: CircleSearch {
      CircleSearch(
        transform: HoughCircles(
          resolution: resolution, minDistance: minDistance, edgeThreshold: edgeThreshold, votes: votes,
          minRadius: minRadius, maxRadius: maxRadius), blur: blur, maxSide: maxSide)
    }
  }

  /// The one label.
  public let labels: [String]
  private let engine: Engine

  /// Makes a detector.
  public init(label: String = "coin", engine: Engine? = nil) throws(TensorError) {
    labels = [label]
    if let engine { self.engine = engine } else { self.engine = try Engine() }
  }

  /// Finds the circles of one picture, by falling score, each with its `circle`.
  public func detect(_ image: Image, options: Options = Options()) throws(TensorError) -> [Detection] {
    let found = try options.search(image, engine: engine).filter { $0.score >= options.confidence }
    return found.sorted { $0.score > $1.score }.prefix(options.maxDetections).map { found in
      Detection(
        box: found.circle.boundingBox.clipped(width: Float(image.width), height: Float(image.height)),
        score: found.score, classID: 0, label: labels[0], circle: found.circle)
    }
  }

  /// How much smaller than the picture the copy is that is searched: 1, or `maxSide` over the longer side.
  public static func scale(width: Int, height: Int, maxSide: Int?) -> Float {
    let longer = max(width, height)
    guard let maxSide, maxSide < longer else { return 1 }
    return Float(maxSide) / Float(longer)
  }
}
