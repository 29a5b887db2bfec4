/// A picture's name, size and detections: what a writer needs, without the pixels.
///
/// The initializer checks once what every format relies on, so that no writer meets a NaN or a box outside its picture.
public struct AnnotatedImage: Sendable, Hashable, Codable {
  /// The largest side: up to here `Float` holds every pixel edge exactly.
  public static let largestSide = Image.largestSide

  /// The name as it is written: a path relative to the folder of the pictures, parts separated by `/`.
  public let name: String
  /// Width in pixels after EXIF orientation, `1...largestSide`.
  public let width: Int
  /// Height in pixels after EXIF orientation, `1...largestSide`.
  public let height: Int
  /// The picture's number in formats that number pictures, as COCO; nil where the writer is to choose it.
  public let id: Int?
  /// The objects, in the order of the detector. Boxes are finite, ordered and inside the picture, scores 0 to 1, masks
  /// of the picture's size, circles finite with a radius above 0.
  public let detections: [Detection]

  /// Makes an annotated picture; boxes that reach outside it are clipped to it, circles keep their centre and radius.
  ///
  /// - Throws: `AnnotationError.invalidImage` when the name is empty, a side is outside `1...largestSide`, a box is not
  ///   finite or its right (bottom) edge lies before its left (top) one, a score is not between 0 and 1, a class is
  ///   negative, a label has more than 1,000 bytes, a mask has another size than the picture, or a circle is not finite or has no radius above 0.
  public init(
    name: String, width: Int, height: Int, detections: [Detection], id: Int? = nil
  ) throws(AnnotationError) {
    guard !name.isEmpty else { throw .invalidImage("an annotated picture needs a name") }
    guard (1...Self.largestSide).contains(width), (1...Self.largestSide).contains(height) else {
      throw .invalidImage("\(name): sides must lie within 1...\(Self.largestSide), got \(width)x\(height)")
    }
    for detection in detections {
      let box = detection.box
      guard box.x1.isFinite, box.y1.isFinite, box.x2.isFinite, box.y2.isFinite, box.x1 <= box.x2, box.y1 <= box.y2
      else {
        throw .invalidImage("\(name): [\(box.x1), \(box.y1), \(box.x2), \(box.y2)] is not a box")
      }
      guard detection.score >= 0, detection.score <= 1 else {
        throw .invalidImage("\(name): a score lies between 0 and 1, got \(detection.score)")
      }
      guard detection.classID >= 0 else {
        throw .invalidImage("\(name): a class is numbered from 0, got \(detection.classID)")
      }
      guard detection.label.utf8.count <= Detection.labelLimits.byteCount else {
        throw .invalidImage(
          "\(name): a label of \(detection.label.utf8.count) bytes is longer than \(Detection.labelLimits.byteCount)")
      }
      if let mask = detection.mask, mask.width != width || mask.height != height {
        throw .invalidImage("\(name): a mask of \(mask.width)x\(mask.height) in a picture of \(width)x\(height)")
      }
      if let circle = detection.circle, !circle.isProper {
        throw .invalidImage(
          "\(name): a circle has a radius above 0, got \(circle.radius) about (\(circle.x), \(circle.y))")
      }
    }
    self.name = name
    self.width = width
    self.height = height
    self.id = id
    self.detections = detections.map { detection in
      var clipped = detection
      clipped.box = detection.box.clipped(width: Float(width), height: Float(height))
      return clipped
    }
  }

  private enum CodingKeys: String, CodingKey {
    case name = "image"
    case width
    case height
    case id
    case detections
  }

  /// Reads the object that `json` has for an image, and an `id`, where there is one.
  ///
  /// - Throws: `DecodingError`, also for values that `init(name:width:height:detections:id:)` refuses.
  public init(from decoder: any Decoder) throws {
    let image = try decoder.container(keyedBy: CodingKeys.self)
    let name = try image.decode(String.self, forKey: .name)
    let width = try image.decode(Int.self, forKey: .width)
    let height = try image.decode(Int.self, forKey: .height)
    let detections = try image.decode([Detection].self, forKey: .detections)
    let id = try image.decodeIfPresent(Int.self, forKey: .id)
    do throws(AnnotationError) {
      try self.init(name: name, width: width, height: height, detections: detections, id: id)
    } catch {
      throw DecodingError.dataCorruptedError(forKey: .detections, in: image, debugDescription: error.description)
    }
  }

  /// Whether an object has a mask.
  var hasMasks: Bool { detections.contains { $0.mask != nil } }

  /// The pixels of each object that has any: its mask, or the disc inside its circle.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a circle in a picture of more pixels than masks cover.
  func pixels() throws(AnnotationError) -> [Mask?] {
    var masks: [Mask?] = []
    for detection in detections {
      guard detection.mask == nil, let circle = detection.circle else {
        masks.append(detection.mask)
        continue
      }
      do {
        masks.append(try Mask(circle: circle, width: width, height: height))
      } catch {
        throw .invalidImage("\(name): \(error)")
      }
    }
    return masks
  }
}
