import Foundation
import JSON
import TestSupport
import Testing

/// Documents with a few bytes changed, dropped, doubled or moved: nothing crashes, and pulling and skipping agree.
@Suite struct JSONMutationTests {
  private static let documents = [
    #"{"images": [{"id": 1, "file_name": "a\u00e9\n貨.jpg", "width": 640}], "x": [null, true, false, {}]}"#,
    #"{"segmentation": [[1.5, -2e3, 0.25], []], "counts": "a\\b\ud83d\ude00", "iscrowd": 0, "area": 12.0E+1}"#,
    #"[[], {}, [[{"a": {"b": [-0, 10, 0.5e-7]}}]], "", "😀", 123456789012345678901234567890]"#,
  ]

  @Test func mutatedDocuments() {
    var generator = SeededGenerator(seed: 6)
    let pieces = Array(#"{}[]",:\u0123eE+-. truefalsn"#.utf8) + [0, 0x1F, 0x7F, 0x80, 0xC3, 0xE2, 0xF0, 0xFF]
    for round in 0..<20_000 {
      var bytes = Array(Self.documents[round % Self.documents.count].utf8)
      for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        let piece = pieces[Int.random(in: 0..<pieces.count, using: &generator)]
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes[place] = piece
        case 1: bytes.insert(piece, at: place)
        case 2: bytes.remove(at: place)
        case 3: bytes.removeLast(Int.random(in: 0...min(3, bytes.count), using: &generator))
        default: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &generator))
        }
      }
      let skipped = fault(bytes) { (_) throws(JSONError) in }
      let pulled = fault(bytes) { (reader) throws(JSONError) in try pull(&reader) }
      if skipped?.offset != pulled?.offset, pulled?.reason.contains("in the range of Double") != true {
        Issue.record("\(String(decoding: bytes, as: UTF8.self)): \(skipped as Any), \(pulled as Any)")
      }
      // Foundation takes a comma behind the last element; how it repairs what is not UTF-8 is its own affair.
      guard String(validating: bytes, as: UTF8.self) != nil, !isBehindComma(pulled, bytes) else { continue }
      let foundations = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      if (foundations == nil) != (pulled != nil) {
        Issue.record("\(String(decoding: bytes, as: UTF8.self)): \(pulled?.description ?? "accepted here only")")
      }
    }
  }

  private func isBehindComma(_ fault: JSONError?, _ bytes: [UInt8]) -> Bool {
    guard let fault, fault.offset < bytes.count, [UInt8(ascii: "]"), UInt8(ascii: "}")].contains(bytes[fault.offset])
    else { return false }
    return bytes[..<fault.offset].last { $0 > 0x20 } == UInt8(ascii: ",")
  }

  private func fault(_ bytes: [UInt8], _ body: (inout JSONReader) throws(JSONError) -> Void) -> JSONError? {
    do throws(JSONError) {
      try JSONReader.read(bytes, body)
      return nil
    } catch {
      return error
    }
  }
}
