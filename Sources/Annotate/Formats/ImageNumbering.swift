/// Gives pictures the ids of a COCO document.
struct ImageNumbering: Sendable {
  /// The largest number a stem may be: beyond it, readers that keep numbers in a double would mix ids up.
  private static let largestID = 1 << 53

  private var used: Set<Int> = []
  private var last = 0

  /// The id that the picture's name asks for: its stem, when that is a decimal integer (`000000000139.jpg` is 139).
  static func numericStem(of name: String) -> Int? {
    let stem = ImageName.stem(of: ImageName.lastPart(of: name))
    guard !stem.isEmpty, stem.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let number = Int(stem), number <= largestID
    else { return nil }
    return number
  }

  /// Whether an id is given already.
  func isUsed(_ id: Int) -> Bool { used.contains(id) }

  /// The next picture's id: the number of its stem when free, else the next free number from 1.
  mutating func next(for name: String) -> Int {
    if let number = Self.numericStem(of: name), used.insert(number).inserted { return number }
    repeat { last += 1 } while !used.insert(last).inserted
    return last
  }
}
