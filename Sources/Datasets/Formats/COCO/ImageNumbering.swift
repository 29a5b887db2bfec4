import Files

/// Gives images their ids in COCO documents.
public struct ImageNumbering: Sendable {
  /// The largest id taken from a name. Readers that keep numbers as `Double` would confuse larger ones.
  private static let largestID = 1 << 53

  private var used: Set<Int> = []
  private var last = 0

  /// Makes a numbering without images.
  init() {}

  /// Computes the ids of all images of a set.
  ///
  /// An image gets its known id, else the number in its name (`000000000139.jpg` is 139), if no image before it has the
  /// same, else the next free number from 1.
  ///
  /// - Parameters:
  ///   - names: The images' names.
  ///   - known: The ids that some images have already, by index in `names`. All must be different.
  /// - Returns: The ids, in the order of `names`.
  public static func ids(of names: [String], known: [Int: Int] = [:]) -> [Int] {
    var numbering = ImageNumbering()
    numbering.used = Set(known.values)
    var ids = names.indices.map { index -> Int? in
      if let id = known[index] { return id }
      guard let number = numericStem(of: names[index]), numbering.used.insert(number).inserted else { return nil }
      return number
    }
    for index in ids.indices where ids[index] == nil { ids[index] = numbering.nextFree() }
    return ids.compactMap { $0 }
  }

  /// The number in an image's name: its stem, if that is a decimal integer (`000000000139.jpg` is 139), else nil.
  static func numericStem(of name: String) -> Int? {
    let stem = Path.stem(of: Path.lastPart(of: name))
    guard !stem.isEmpty, stem.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let number = Int(stem), number <= largestID
    else { return nil }
    return number
  }

  /// The id of the next image: its own, else the number in its name if it is free, else the next free number from 1.
  ///
  /// - Throws: `AnnotationError.invalidImage` if another image has its id.
  mutating func id(of image: AnnotatedImage) throws(AnnotationError) -> Int {
    if let id = image.id {
      guard used.insert(id).inserted else {
        throw .invalidImage("\(image.name): another image has its id, \(id)")
      }
      return id
    }
    if let number = Self.numericStem(of: image.name), used.insert(number).inserted { return number }
    return nextFree()
  }

  private mutating func nextFree() -> Int {
    repeat { last += 1 } while !used.insert(last).inserted
    return last
  }
}
