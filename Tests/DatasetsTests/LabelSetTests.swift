import Testing

@testable import Datasets

@Suite struct LabelSetTests {
  @Test(arguments: [
    (["cat", "dog"], ["cat", "dog"], [String]()), ([], [], []),
    (
      ["cat", "dog", "cat", "cat"], ["cat", "dog", "cat 2", "cat 3"],
      [
        "classes 0 and 2 are both named \"cat\"; the second is written as \"cat 2\"",
        "classes 0 and 3 are both named \"cat\"; the second is written as \"cat 3\"",
      ]
    ),
    // The name that a second cat would get is another class's already.
    (
      ["cat", "cat", "cat 1"], ["cat", "cat 1 1", "cat 1"],
      ["classes 0 and 1 are both named \"cat\"; the second is written as \"cat 1 1\""]
    ),
    (
      ["", "a", ""], ["class 0", "a", "class 2"],
      [
        "class 0 has no name; it is written as \"class 0\"", "class 2 has no name; it is written as \"class 2\"",
      ]
    ),
    (["", "class 0"], ["class 0 0", "class 0"], ["class 0 has no name; it is written as \"class 0 0\""]),
    // torchvision's gaps are no surprise to anybody.
    (["__background__", "cat", "N/A", "N/A"], ["__background__", "cat", "N/A 2", "N/A 3"], []),
    (
      ["cat", "N/A", "N/A"], ["cat", "N/A", "N/A 2"],
      [
        "classes 1 and 2 are both named \"N/A\"; the second is written as \"N/A 2\""
      ]
    ),
  ])
  func namesOfATableDiffer(labels: [String], names: [String], notes: [String]) throws {
    let set = try LabelSet(labels)
    #expect(set.names == names)
    #expect(set.notes == notes)
    #expect(set.labels == labels)
    #expect(Set(set.names.map { Array($0.utf8) }).count == labels.count)
  }

  @Test func namesOfOtherBytesDifferAlready() throws {
    let set = try LabelSet(["é", "e\u{301}"])
    #expect(set.names.map { Array($0.utf8) } == ["é", "e\u{301}"].map { Array($0.utf8) })
    #expect(set.notes.isEmpty)
  }

  @Test func noMoreThanTenThousandNamesOfAThousandBytes() throws {
    _ = try LabelSet((0..<10_000).map { "\($0)" })
    #expect(throws: AnnotationError.invalidLabels("a detector must have at most 10000 class names, got 10001")) {
      try LabelSet((0..<10_001).map { "\($0)" })
    }
    _ = try LabelSet([String(repeating: "é", count: 500)])
    let sentence = "a class name must have at most 1000 bytes, got 1001: " + String(repeating: "n", count: 40) + "…"
    #expect(throws: AnnotationError.invalidLabels(sentence)) {
      try LabelSet(["cat", String(repeating: "n", count: 1001)])
    }
  }

  @Test func everyWriterRefusesNamesBeyondTheLimits() {
    for format in AnnotationFormat.allCases where format != .json && format != .jsonl {
      #expect(throws: AnnotationError.self, "\(format)") {
        try format.writer(to: .memory(MemoryOutput()), labels: [String(repeating: "n", count: 1 << 20)])
      }
    }
  }

  @Test func aLabelIsThatOfItsNumber() throws {
    let set = try LabelSet(["cat", "dog"])
    try set.check(Samples.image([Samples.detection(0, 0, 1, 1, classID: 1, label: "dog")]))
    #expect(
      throws: AnnotationError.invalidImage(
        "bus.jpg: the label of class 1 must be \"dog\", got \"cat\"; map the detections of several "
          + "detectors to one list of labels first")
    ) { try set.check(Samples.image([Samples.detection(0, 0, 1, 1, classID: 1, label: "cat")])) }
    #expect(throws: AnnotationError.invalidImage("bus.jpg: class 2 is not one of the 2 labels")) {
      try set.check(Samples.image([Samples.detection(0, 0, 1, 1, classID: 2, label: "dog")]))
    }
    // A name that the tables change is still the class's label.
    let twice = try LabelSet(["cat", "cat"])
    try twice.check(Samples.image([Samples.detection(0, 0, 1, 1, classID: 1, label: "cat")]))
    #expect(throws: AnnotationError.self) {
      try twice.check(Samples.image([Samples.detection(0, 0, 1, 1, classID: 1, label: "cat 1")]))
    }
  }

  @Test(arguments: [AnnotationFormat.coco, .cocoResults, .voc, .yolo])
  func aDetectionUnderAnotherNameIsRefusedAndTheWriterGoesOn(format: AnnotationFormat) throws {
    let memory = MemoryOutput()
    var writer = try format.writer(to: .memory(memory), labels: ["cat", "dog"])
    let wrong = try Samples.image("wrong.jpg", [Samples.detection(0, 0, 1, 1, classID: 1, label: "cat")])
    #expect(throws: AnnotationError.self) { try writer.write(wrong) }
    try writer.write(Samples.image("right.jpg", [Samples.detection(0, 0, 1, 1, classID: 1, label: "dog")]))
    try writer.finish()
    let all = (memory.document.map { [$0] } ?? []) + memory.files.values
    #expect(!all.contains { String(decoding: $0, as: UTF8.self).contains("wrong") })
    #expect(!memory.files.keys.contains { $0.contains("wrong") })
  }
}
