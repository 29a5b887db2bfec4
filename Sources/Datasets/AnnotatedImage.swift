/// The name, size and detections of an image: what an annotation writer needs, without the pixels.
///
/// The initializer checks what every format relies on: no writer meets a NaN or a box outside of its image.
public struct AnnotatedImage: Sendable, Hashable, Codable {
  /// The largest width or height in pixels, up to which `Float` represents every pixel edge exactly.
  public static let largestSide = Image.largestSide

  /// The image's name as it is written: a path relative to the folder of the images, with parts separated by `/`.
  public let name: String
  /// The width in pixels after EXIF orientation, 1 to `largestSide`.
  public let width: Int
  /// The height in pixels after EXIF orientation, 1 to `largestSide`.
  public let height: Int
  /// The image's id in formats that number images, such as COCO; nil to let the writer choose.
  public let id: Int?
  /// The objects, in the order of the detector.
  ///
  /// Boxes are finite, ordered and inside the image; scores are 0 to 1; masks have the image's size; circles are finite
  /// and have a radius above 0.
  public let detections: [Detection]

  /// Makes an annotated image. Boxes that reach outside of it are clipped to it; circles keep their centre and radius.
  ///
  /// - Parameters:
  ///   - name: The image's name, a path relative to the folder of the images.
  ///   - width: The width in pixels after EXIF orientation, 1 to `largestSide`.
  ///   - height: The height in pixels after EXIF orientation, 1 to `largestSide`.
  ///   - detections: The objects, in the order in which they are written.
  ///   - id: The image's id in formats that number images, or nil to let the writer choose.
  /// - Throws: `AnnotationError.invalidImage` when the name is empty, a side is out of range, a box is not finite or
  ///   its right (bottom) edge lies before its left (top) edge, a score is not 0 to 1, a class is negative, a label has
  ///   more than 1,000 bytes, a mask does not have the image's size, or a circle is not finite or has no radius above
  ///   0.
  public init(
    name: String, width: Int, height: Int, detections: [Detection], id: Int? = nil
  ) throws(AnnotationError) {
    guard !name.isEmpty else { throw .invalidImage("an annotated image must have a name") }
    guard (1...Self.largestSide).contains(width), (1...Self.largestSide).contains(height) else {
      throw .invalidImage("\(name): sides must be 1 to \(Self.largestSide) pixels, got \(width)x\(height)")
    }
    for detection in detections {
      let box = detection.box
      guard box.x1.isFinite, box.y1.isFinite, box.x2.isFinite, box.y2.isFinite, box.x1 <= box.x2, box.y1 <= box.y2
      else {
        throw .invalidImage(
          "\(name): a box must be finite with x1 <= x2 and y1 <= y2, got [\(box.x1), \(box.y1), \(box.x2), \(box.y2)]")
      }
      guard detection.score >= 0, detection.score <= 1 else {
        throw .invalidImage("\(name): a score must be 0 to 1, got \(detection.score)")
      }
      guard detection.classID >= 0 else {
        throw .invalidImage("\(name): a class number must be at least 0, got \(detection.classID)")
      }
      guard detection.label.utf8.count <= Detection.labelLimits.byteCount else {
        throw .invalidImage(
          "\(name): a label of \(detection.label.utf8.count) bytes is longer than \(Detection.labelLimits.byteCount)")
      }
      if let mask = detection.mask, mask.width != width || mask.height != height {
        throw .invalidImage(
          "\(name): a mask must have the image's size, \(width)x\(height), got \(mask.width)x\(mask.height)")
      }
      if let circle = detection.circle, !circle.isProper {
        throw .invalidImage(
          "\(name): a circle must be finite with a radius above 0, got \(circle.radius) around "
            + "(\(circle.x), \(circle.y))")
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

  /// Decodes an image from the object that the format `json` has for it, which may also have an `id`.
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

  /// Whether any object has a mask.
  var hasMasks: Bool { detections.contains { $0.mask != nil } }

  /// The pixels of each object: its mask, else the disc of its circle, else nil.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a circle in an image with more pixels than a mask can cover.
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
