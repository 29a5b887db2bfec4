import Testing

@testable import Networks

@Suite struct SafetensorsHeaderTests {
  @Test func theOrderOfTheHeaderIsKept() throws {
    let header =
      #"{"b":{"dtype":"F16","shape":[2],"data_offsets":[4,8]},"__metadata__":{"k":"v"},"#
      + #""a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"none":{"dtype":"I64","shape":[0],"data_offsets":[4,4]}}  "#
    let parsed = try safetensors(header, data: [UInt8](repeating: 0, count: 8)).withUnsafeBytes {
      (file) throws(FormatFault) in try SafetensorsHeader(file)
    }
    #expect(parsed.entries.map(\.name) == ["b", "a", "none"])
    #expect(parsed.entries.map(\.shape) == [[2], [], [0]])
    #expect(parsed.entries.map(\.dtype) == [.float16, .float32, .int64])
    #expect(parsed.metadata == ["k": "v"])
  }

  @Test(arguments: [
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#,
      6,
      "“b” starts at byte 2, but the tensors before it end at byte 4"
    ),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "“a” starts at byte 4"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 5, "1 bytes follow the last tensor"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3, "take 4 bytes, but only 3 follow"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "takes 8 bytes, but its range is 0..<4"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "its range is 4..<0"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775807,4]}}"#, 4, "“a” starts at byte"),
    (#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#, 0, "is impossible"),
    (#"{"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}"#, 0, "is impossible"),
    (#"{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}"#, 4, "unknown dtype “F99”"),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "needs a dtype, a shape and two data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, "needs a dtype, a shape and two data_offsets"),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#, 4,
      "expected at most 2 integers, found one more (line 1, column 53, byte 52)"
    ),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#, 4, "unknown field “x”"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"dtype":"F32"}}"#, 4, "“dtype” twice"),
    (
      #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#, 0,
      "“a” twice"
    ),
    (#"{"__metadata__":{"k":1}}"#, 0, "expected a string, found “1” (line 1, column 22, byte 21)"),
    (#"{"__metadata__":{},"__metadata__":{}}"#, 0, "“__metadata__” twice"),
    (
      #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4,
      "expected an integer from 0 to 9223372036854775807, found “-1”"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, 4,
      "expected an integer from 0 to 9223372036854775807, found “1.0”"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#, 4,
      "expected an integer from 0 to 9223372036854775807, found “01”"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}"#, 4,
      "expected an integer from 0 to 9223372036854775807, found “1e0”"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}"#, 4,
      "expected an integer from 0 to 9223372036854775807, found “9223372036854775808”"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1,],"data_offsets":[0,4]}}"#, 4,
      "expected an integer from 0 to 9223372036854775807, found “]”"
    ),
    (
      #"{"a":[]}"#, 0,
      "its header is not valid: expected an object, found an array (line 1, column 6, byte 5)"
    ),
    (#"{} x"#, 0, "expected the end of the text, found “x”"),
    (#"{"a""#, 0, "expected “:”, found the end of the text"),
    (#"{"a"#, 0, "expected a closing quote"),
    (#"{"\ud800":{}}"#, 0, "second half of a surrogate pair"),
    (#"{"\udc00":{}}"#, 0, "first half of a surrogate pair"),
    (#"{"\x":{}}"#, 0, #"expected an escape (one of "\/bfnrtu), found “x”"#),
    ("{\"\u{1}\":{}}", 0, "expected an escaped control character"),
  ])
  func brokenHeadersAreRefused(header: String, dataCount: Int, sentence: String) throws {
    let refused = try refusal(of: safetensors(header, data: [UInt8](repeating: 0, count: dataCount)))
    #expect(refused?.contains(sentence) == true, "\(refused ?? "accepted")")
  }

  @Test func statedLengthsAreCheckedFirst() throws {
    let brace = Array("{}".utf8)
    #expect(
      try refusal(of: bytes(UInt64(1) << 60 | 1) + brace)
        == "FILE is malformed: its header is 1152921504606846977 bytes long; the limit is 100000000")
    #expect(try refusal(of: bytes(UInt64.max) + brace)?.contains("the limit is") == true)
    #expect(
      try refusal(of: bytes(UInt64(3)) + brace)
        == "FILE is truncated: its header is 3 bytes long, but only 2 bytes follow")
  }

  @Test func deepNestingCostsNothing() throws {
    let header = #"{"a":"# + String(repeating: "[", count: 1_000_000)
    #expect(try refusal(of: safetensors(header))?.contains("expected an object, found an array") == true)
  }

  @Test func aHeaderThatStartsLikeAPickleIsRead() throws {
    var header = #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#
    header += String(repeating: " ", count: 0x0280 - header.utf8.count)
    #expect(try refusal(of: safetensors(header, data: [0])) == nil)
  }

  @Test func escapesInNames() throws {
    let header = #"{"\u677f\ud83d\ude00\n\/\"":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#
    let parsed = try safetensors(header, data: [0]).withUnsafeBytes { (file) throws(FormatFault) in
      try SafetensorsHeader(file)
    }
    #expect(parsed.entries.map(\.name) == ["板😀\n/\""])
  }

  @Test func namesThatAreNotUTF8AreRefused() throws {
    let header: [UInt8] = Array(#"{""#.utf8) + [0xFF] + Array(#"":{}}"#.utf8)
    #expect(try refusal(of: bytes(UInt64(header.count)) + header)?.contains("a text in UTF-8") == true)
  }
}
