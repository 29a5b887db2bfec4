extension Mask {
  /// COCO's compressed run lengths: the text of `counts` in pycocotools, ASCII from `0` to `o`.
  ///
  /// From the fourth run on, the difference to the run two places before is encoded. A number is split into groups of
  /// five bits, lowest first, one character each. Bit 5 of a group is set if more groups follow, and the highest bit of
  /// the last group is the sign.
  public var rle: String {
    var text: [UInt8] = []
    text.reserveCapacity(runs.count * 2)
    for (index, run) in runs.enumerated() {
      var value = Int(run)
      if index > 2 { value -= Int(runs[index - 2]) }
      while true {
        let group = UInt8(truncatingIfNeeded: value & 0x1F)
        value >>= 5
        if value == (group & 0x10 == 0 ? 0 : -1) {
          text.append(group + 48)
          break
        }
        text.append((group | 0x20) + 48)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Makes a mask from COCO's compressed run lengths.
  ///
  /// - Throws: `SceneError.invalidParameter` if the text has other characters, ends within a run, or has a run outside
  ///   `0...largestArea`; `SceneError.invalidShape` if a side is outside `1...largestSide`, the image has more than
  ///   `largestArea` pixels, or the runs do not add up to its pixels.
  public init(rle text: String, width: Int, height: Int) throws(SceneError) {
    var runs: [UInt32] = []
    var value = 0
    var shift = 0
    for (position, character) in text.utf8.enumerated() {
      guard (48...111).contains(character) else {
        throw .invalidParameter("the bytes of run lengths must be 48 to 111, got \(character) at \(position)")
      }
      // Seven groups are enough for every run and difference up to `largestArea`.
      guard shift < 35 else {
        throw .invalidParameter("a run length must have at most 7 characters, got more at \(position)")
      }
      let group = Int(character) - 48
      value |= (group & 0x1F) << shift
      shift += 5
      if group & 0x20 != 0 { continue }
      if group & 0x10 != 0 { value |= -1 << shift }
      if runs.count > 2 { value += Int(runs[runs.count - 2]) }
      guard (0...Self.largestArea).contains(value) else {
        throw .invalidParameter("the length of run \(runs.count) must be 0 to \(Self.largestArea), got \(value)")
      }
      runs.append(UInt32(value))
      (value, shift) = (0, 0)
    }
    guard shift == 0 else { throw .invalidParameter("the text ends within run \(runs.count)") }
    try self.init(width: width, height: height, runs: runs)
  }
}
