import Testing

@testable import Codecs

@Suite struct EXIFTests {
  static let block: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]

  @Test func readsTheOrientation() {
    #expect(Orientation(exif: Self.block[...]) == .rotateRight)
    #expect(Orientation(exif: ([1, 2, 3] + Self.block)[3...]) == .rotateRight)
  }

  @Test func everyShorterBlockHasNone() {
    for count in 0..<20 { #expect(Orientation(exif: Self.block.prefix(count)) == nil, "\(count) bytes") }
    #expect(Orientation(exif: Self.block.prefix(20)) == .rotateRight)
  }

  @Test func valuesOutsideOneToEightAreNone() {
    for value in [0, 9, 255] as [UInt8] {
      var block = Self.block
      block[18] = value
      #expect(Orientation(exif: block[...]) == nil)
    }
  }

  @Test func anyByteMayBeAnything() {
    for index in Self.block.indices {
      for value in UInt8.min...UInt8.max {
        var block = Self.block
        block[index] = value
        let orientation = Orientation(exif: block[...])
        #expect(index == 18 || orientation == nil || orientation == .rotateRight)
      }
    }
  }
}
