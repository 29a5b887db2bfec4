// The coded forms are those of Limn's format `json`, in full precision.

extension Box: Codable {
  /// Reads `[x1, y1, x2, y2]`.
  ///
  /// - Throws: `DecodingError` for anything but four numbers.
  public init(from decoder: any Decoder) throws {
    var edges = try decoder.unkeyedContainer()
    self.init(
      x1: try edges.decode(Float.self), y1: try edges.decode(Float.self), x2: try edges.decode(Float.self),
      y2: try edges.decode(Float.self))
    guard edges.isAtEnd else {
      throw DecodingError.dataCorruptedError(in: edges, debugDescription: "a box must have four edges")
    }
  }

  /// Writes `[x1, y1, x2, y2]`.
  public func encode(to encoder: any Encoder) throws {
    var edges = encoder.unkeyedContainer()
    for edge in [x1, y1, x2, y2] { try edges.encode(edge) }
  }
}

extension Circle: Codable {
  private enum CodingKeys: String, CodingKey {
    case center
    case radius
  }

  /// Reads `{"center": [x, y], "radius": radius}`.
  ///
  /// - Throws: `DecodingError` for a missing or unsuitable value.
  public init(from decoder: any Decoder) throws {
    let circle = try decoder.container(keyedBy: CodingKeys.self)
    var center = try circle.nestedUnkeyedContainer(forKey: .center)
    self.init(
      x: try center.decode(Float.self), y: try center.decode(Float.self),
      radius: try circle.decode(Float.self, forKey: .radius))
  }

  /// Writes `{"center": [x, y], "radius": radius}`.
  public func encode(to encoder: any Encoder) throws {
    var circle = encoder.container(keyedBy: CodingKeys.self)
    var center = circle.nestedUnkeyedContainer(forKey: .center)
    try center.encode(x)
    try center.encode(y)
    try circle.encode(radius, forKey: .radius)
  }
}

extension Mask: Codable {
  private enum CodingKeys: String, CodingKey {
    case size
    case counts
  }

  /// Reads COCO's compressed run lengths, `{"size": [height, width], "counts": "..."}`.
  ///
  /// - Throws: `DecodingError.dataCorrupted` for run lengths that do not fit the size.
  public init(from decoder: any Decoder) throws {
    let mask = try decoder.container(keyedBy: CodingKeys.self)
    var size = try mask.nestedUnkeyedContainer(forKey: .size)
    let (height, width) = (try size.decode(Int.self), try size.decode(Int.self))
    let counts = try mask.decode(String.self, forKey: .counts)
    do throws(SceneError) {
      try self.init(rle: counts, width: width, height: height)
    } catch {
      throw DecodingError.dataCorruptedError(forKey: .counts, in: mask, debugDescription: error.description)
    }
  }

  /// Writes `{"size": [height, width], "counts": "..."}`.
  public func encode(to encoder: any Encoder) throws {
    var mask = encoder.container(keyedBy: CodingKeys.self)
    var size = mask.nestedUnkeyedContainer(forKey: .size)
    try size.encode(height)
    try size.encode(width)
    try mask.encode(rle, forKey: .counts)
  }
}
