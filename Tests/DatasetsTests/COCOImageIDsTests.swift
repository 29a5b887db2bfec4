import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct COCOImageIDsTests {
  private func ids(_ json: String) throws -> COCOImageIDs {
    let folder = try ScratchFolder()
    let path = folder.path + "/ids.json"
    try json.write(toFile: path, atomically: true, encoding: .utf8)
    return try COCOImageIDs(path: path)
  }

  private func refusal(_ json: String) -> String? {
    do {
      _ = try ids(json)
      return nil
    } catch let error as AnnotationError {
      guard case .input(_, let reason) = error else { return "another error: \(error)" }
      return reason
    } catch {
      return "another error: \(error)"
    }
  }

  @Test func whatElseTheFileHoldsIsPassedOver() throws {
    let found = try ids(
      """
      {"info": {"images": [1]}, "annotations": [{"id": 1, "image_id": 7, "segmentation": [[0, 1.5]]}],
       "images": [{"id": 7, "width": 2, "file_name": "a.jpg", "extra": {"id": 9}}, {"file_name": "b/c.jpg", "id": 0}]}
      """)
    #expect(found == COCOImageIDs(["a.jpg": 7, "b/c.jpg": 0]))
  }

  @Test func wholeNumbersMayHaveAPoint() throws {
    #expect(try ids(#"{"images": [{"id": 7.0, "file_name": "a"}]}"#) == COCOImageIDs(["a": 7]))
  }

  @Test func aByteOrderMarkIsPassedOver() throws {
    #expect(try ids("\u{FEFF}{\"images\": []}") == COCOImageIDs([:]))
  }

  @Test(arguments: [
    (#"[]"#, "expected an object"), (#"{"annotations": []}"#, "a list named images"),
    (#"{"images": [{"id": 1}]}"#, "no file_name or no id"),
    (#"{"images": [{"file_name": "a"}]}"#, "no file_name or no id"),
    (#"{"images": [{"id": 1.5, "file_name": "a"}]}"#, "must be an integer of at least 0"),
    (#"{"images": [{"id": -1, "file_name": "a"}]}"#, "must be an integer of at least 0"),
    (#"{"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}]}"#, "two images have the id 1"),
    (#"{"images": [{"id": 1, "file_name": "a"}, {"id": 2, "file_name": "a"}]}"#, "two images have the file_name \"a\""),
    (#"{"images": ["#, "line 1, column 13"),
  ])
  func whatIsNoCOCOFileIsRefusedWithItsPlace(json: String, part: String) throws {
    let reason = try #require(refusal(json))
    #expect(reason.contains(part), "\(reason)")
    #expect(reason.contains("line 1, column "), "\(reason)")
  }

  @Test func aFileThatIsNotThereIsNamed() {
    #expect(throws: AnnotationError.input(path: "/none.json", reason: "No such file or directory")) {
      try COCOImageIDs(path: "/none.json")
    }
  }

  @Test func aWholeNameGoesBeforeItsLastPart() {
    let ids = COCOImageIDs(["val/1.jpg": 5, "1.jpg": 6, "2.jpg": 7])
    let path = ImageNumberingPath(ids)
    #expect(path.ids(["val/1.jpg", "1.jpg", "x/2.jpg", "3.jpg"]) == [5, 6, 7, 3])
  }

  @Test func aPartThatTwoHaveLeadsNowhere() {
    let path = ImageNumberingPath(COCOImageIDs(["a/1.jpg": 5, "b/1.jpg": 6, "2.jpg": 7]))
    // 1.jpg is two images there, and 2.jpg two images here.
    #expect(path.ids(["c/1.jpg", "d/2.jpg", "e/2.jpg"]) == [1, 2, 3])
  }

  @Test func numbersInNamesGiveWayToKnownIDs() {
    let path = ImageNumberingPath(COCOImageIDs(["a.jpg": 1]))
    #expect(path.ids(["1.jpg", "a.jpg"]) == [2, 1])
  }
}

/// The ids that pictures of these names get.
private struct ImageNumberingPath {
  let known: COCOImageIDs

  init(_ known: COCOImageIDs) { self.known = known }

  func ids(_ names: [String]) -> [Int] { ImageNumbering.ids(of: names, known: known.ids(of: names)) }
}
