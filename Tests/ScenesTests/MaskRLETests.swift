import TestSupport
import Testing

@testable import Scenes

@Suite struct MaskRLETests {
  @Test(arguments: [
    "", "0", "1", "4", "5", "/", "p", "é", "04 ", "0 4", "\u{0}", "o", "P", "0P", "ooooooo0", "oooooooo", "oooooooo0",
    "PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPP0", "nnnnnn0", "O", "0O", "00O", "04O", "1111O", "0000004000",
    "nnnnnn7", "41", "14",
  ])
  func textThatIsNoMaskIsRefused(text: String) {
    #expect(throws: SceneError.self) { try Mask(rle: text, width: 1, height: 3) }
  }

  @Test func refusalsSayWhatAndWhere() {
    func refusal(_ text: String) -> SceneError? {
      #expect(throws: SceneError.self) { try Mask(rle: text, width: 2, height: 2) }
    }
    #expect(refusal("0!") == .invalidParameter("the bytes of run lengths must be 48 to 111, got 33 at 1"))
    #expect(refusal("0P") == .invalidParameter("the text ends within run 1"))
    #expect(refusal("PPPPPPP0") == .invalidParameter("a run length must have at most 7 characters, got more at 7"))
    #expect(refusal("O") == .invalidParameter("the length of run 0 must be 0 to 2147483647, got -1"))
    #expect(refusal("03") == .invalidShape("the runs of a 2x2 mask must add up to 4 pixels, got 3"))
    #expect(refusal("05") == .invalidShape("the runs of a 2x2 mask must add up to 4 pixels, got more at run 1"))
  }

  @Test func longRunsSurvive() throws {
    for (width, height) in [(1, 1 << 24), (46_340, 46_340), (127, 1 << 24)] {
      for runs in [[width * height], [0, width * height], [1, width * height - 2, 1], [width * height - 3, 1, 1, 1]] {
        let mask = try Mask(width: width, height: height, runs: runs.map(UInt32.init))
        #expect(try Mask(rle: mask.rle, width: width, height: height) == mask)
      }
    }
  }

  @Test func runsOfNoLengthAreRead() throws {
    #expect(try Mask(rle: "1100", width: 1, height: 3) == Mask(".", "#", "#"))
    #expect(try Mask(rle: "0030", width: 1, height: 3).isEmpty)
  }

  /// Whatever the bytes, the answer is a mask of the size asked for or an error.
  @Test func noTextTraps() throws {
    var generator = SeededGenerator(seed: 11)
    var accepted = 0
    for _ in 0..<20_000 {
      let alphabet: ClosedRange<UInt8> = Bool.random(using: &generator) ? 48...111 : 48...56
      let bytes = (0..<Int.random(in: 0...9, using: &generator)).map { _ in
        UInt8.random(in: alphabet, using: &generator)
      }
      guard let mask = try? Mask(rle: String(decoding: bytes, as: UTF8.self), width: 3, height: 4) else { continue }
      accepted += 1
      #expect(mask.runs.map(Int.init).reduce(0, +) == 12)
      #expect(try Mask(rle: mask.rle, width: 3, height: 4) == mask)
    }
    #expect(accepted > 50)
  }

  /// One byte of a good text changed, added or taken away.
  @Test func damagedTextsDoNotTrap() throws {
    var generator = SeededGenerator(seed: 12)
    for sample in try MaskSample.read(MaskSample.fixture) {
      var bytes = Array(sample.rle.utf8)
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: bytes[place] = UInt8.random(in: 0...127, using: &generator)
      case 1: bytes.insert(UInt8.random(in: 48...111, using: &generator), at: place)
      default: bytes.remove(at: place)
      }
      let mask = try? Mask(rle: String(decoding: bytes, as: UTF8.self), width: sample.width, height: sample.height)
      if let mask { #expect(mask.area <= sample.width * sample.height) }
    }
  }
}
