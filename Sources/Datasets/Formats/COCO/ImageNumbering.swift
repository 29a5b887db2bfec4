import Files

/// Gives pictures the ids of a COCO document.
public struct ImageNumbering: Sendable {
  /// The largest number a stem may be: beyond it, readers that keep numbers in a double would mix ids up.
  private static let largestID = 1 << 53

  private var used: Set<Int> = []
  private var last = 0

  /// Begins to number pictures one by one, as they come.
  init() {}

  /// The ids of all pictures of a set, in its order: those that are known, then the numbers in names, each the first
  /// picture's that asks for it, then the next free numbers from 1.
  ///
  /// - Parameters:
  ///   - names: the pictures' names.
  ///   - known: ids that some have already, by the index of the name; all different.
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

  /// The id that the picture's name asks for: its stem, when that is a decimal integer (`000000000139.jpg` is 139).
  static func numericStem(of name: String) -> Int? {
    let stem = Path.stem(of: Path.lastPart(of: name))
    guard !stem.isEmpty, stem.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let number = Int(stem), number <= largestID
    else { return nil }
    return number
  }

  /// The next picture's id: its own, else the number of its stem when free, else the next free number from 1.
  ///
  /// - Throws: `AnnotationError.invalidImage` where another picture has its id.
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
