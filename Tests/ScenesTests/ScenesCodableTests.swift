import Foundation
import Scenes
import TestSupport
import Testing

@Suite struct ScenesCodableTests {
  /// The value read back from its coded form, and the form itself with sorted keys.
  private func coded<Value: Codable>(_ value: Value) throws -> (value: Value, text: String) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(value)
    return (try JSONDecoder().decode(Value.self, from: data), String(decoding: data, as: UTF8.self))
  }

  private func decoded<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }

  @Test func aBoxIsItsEdges() throws {
    let box = Box(x1: 0.1, y1: -2.5, x2: 1e20, y2: .leastNonzeroMagnitude)
    #expect(try coded(box).value == box)
    #expect(try coded(Box(x1: 1, y1: 2.5, x2: 3, y2: 4)).text == "[1,2.5,3,4]")
    for text in ["[1, 2, 3]", "[]", "{}", #"["1", 2, 3, 4]"#, "[1, 2, 3, null]", "[1, 2, 3, 1e39]", "[1, 2, 3, 4, 5]"] {
      #expect(throws: DecodingError.self, "\(text)") { try decoded(Box.self, text) }
    }
  }

  @Test func aCircleIsItsCentreAndRadius() throws {
    let circle = Circle(x: 0.1, y: -2.5, radius: 1e-30)
    #expect(try coded(circle).value == circle)
    #expect(try coded(Circle(x: 1, y: 2.5, radius: 3)).text == #"{"center":[1,2.5],"radius":3}"#)
    for text in [#"{"center": [1], "radius": 3}"#, #"{"center": [1, 2]}"#, #"{"radius": 3}"#] {
      #expect(throws: DecodingError.self, "\(text)") { try decoded(Circle.self, text) }
    }
  }

  @Test func aMaskIsItsRunLengths() throws {
    for mask in [
      try Mask("##.", ".#."), try Mask("..."), try Mask("#"), try Mask(width: 1, height: 5000, runs: [44, 4956]),
    ] {
      #expect(try coded(mask).value == mask)
    }
    #expect(try coded(Mask("##.", ".#.")).text == #"{"counts":"01111","size":[2,3]}"#)
  }

  @Test(arguments: [
    (#"{"size": [2, 3], "counts": "01112"}"#, "the runs of a 3x2 mask must add up to 6 pixels, got more at run 4"),
    (#"{"size": [2, 3], "counts": "0111"}"#, "the runs of a 3x2 mask must add up to 6 pixels, got 4"),
    (#"{"size": [0, 3], "counts": "0"}"#, "the sides of a mask must be 1 to 16777216 pixels, got 3x0"),
    (#"{"size": [-2, 3], "counts": "0"}"#, "the sides of a mask must be 1 to 16777216 pixels, got 3x-2"),
    (#"{"size": [65536, 32768], "counts": "0"}"#, "a mask must have at most 2147483647 pixels, got 32768x65536"),
    (#"{"size": [2, 3], "counts": "0é"}"#, "the bytes of run lengths must be 48 to 111, got 195 at 1"),
    (#"{"size": [2, 3], "counts": "0o"}"#, "the text ends within run 1"),
    (#"{"size": [2, 3], "counts": "O"}"#, "the length of run 0 must be 0 to 2147483647, got -1"),
    (#"{"size": [2, 3], "counts": "oooooooo0"}"#, "a run length must have at most 7 characters, got more at 7"),
    (#"{"size": [2, 3], "counts": ""}"#, "the runs of a 3x2 mask must add up to 6 pixels, got 0"),
  ])
  func damagedRunLengthsAreRefused(text: String, sentence: String) {
    let error = #expect(throws: DecodingError.self) { try decoded(Mask.self, text) }
    guard case .dataCorrupted(let context) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(context.debugDescription == sentence)
    #expect(context.codingPath.map(\.stringValue) == ["counts"])
  }

  @Test(arguments: [
    #"{"size": [2], "counts": "6"}"#, #"{"size": 2, "counts": "6"}"#, #"{"size": [2, 3]}"#, #"{"counts": "6"}"#,
    #"{"size": [2, 3], "counts": [6]}"#, #"{"size": [2, 1e30], "counts": "6"}"#, "[]", "null",
  ])
  func whatIsNoMaskIsRefused(text: String) {
    #expect(throws: DecodingError.self) { try decoded(Mask.self, text) }
  }

  @Test func aDetectionIsTheObjectOfJSON() throws {
    let plain = Detection(box: Box(x1: 0.1, y1: 0, x2: 2, y2: 1), score: 0.123456789, classID: 7, label: "a \"b\"")
    #expect(try coded(plain).value == plain)
    #expect(
      try coded(Detection(box: Box(x1: 0, y1: 0, x2: 2, y2: 1), score: 0.5, classID: 7, label: "cat")).text
        == #"{"box":[0,0,2,1],"class_id":7,"label":"cat","score":0.5}"#)
    let whole = Detection(
      box: Box(x1: 0, y1: 0, x2: 2, y2: 1), score: 1, classID: 0, label: "coin", mask: try Mask("#.", ".."),
      circle: Circle(x: 1, y: 0.5, radius: 0.25))
    #expect(try coded(whole).value == whole)
    #expect(
      try coded(whole).text == #"{"box":[0,0,2,1],"circle":{"center":[1,0.5],"radius":0.25},"class_id":0,"#
        + #""label":"coin","mask":{"counts":"013","size":[2,2]},"score":1}"#)
  }
}
