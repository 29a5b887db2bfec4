import Scenes
import Testing

@Suite struct LabelMapTests {
  private func things(_ classIDs: [Int], _ labels: [String]) -> [Detection] {
    classIDs.enumerated().map { index, classID in
      Detection(
        box: Box(x1: 0, y1: 0, x2: Float(index + 1), y2: 1), score: 0.5, classID: classID, label: labels[classID])
    }
  }

  @Test func renamesJoinsAndLeavesOut() throws {
    let labels = ["person", "bus", "car", "tie", "dog"]
    let map = try LabelMap(of: labels, renaming: ["person": "pedestrian", "bus": "car", "tie": nil])
    #expect(map.labels == ["pedestrian", "car", "dog"])
    #expect(map.classIDs == [0, 1, 1, nil, 2])
    let mapped = try map(things([4, 3, 2, 1, 0], labels))
    #expect(mapped.map(\.classID) == [2, 1, 1, 0])
    #expect(mapped.map(\.label) == ["dog", "car", "car", "pedestrian"])
    #expect(mapped.map(\.box.x2) == [1, 3, 4, 5])
  }

  @Test func nothingRenamedIsTheSameList() throws {
    // Two classes of one name stay two.
    let labels = ["__background__", "a", "N/A", "b", "N/A"]
    let map = try LabelMap(of: labels, renaming: [:])
    #expect(map.labels == labels && map.classIDs == [0, 1, 2, 3, 4])
  }

  @Test func aNameThatIsTaken() throws {
    #expect(try LabelMap(of: ["a", "b", "c"], renaming: ["c": "a"]).classIDs == [0, 1, 0])
    #expect(try LabelMap(of: ["a", "b", "c"], renaming: ["a": "c"]).labels == ["c", "b"])
    // Swapped names are two classes still.
    #expect(try LabelMap(of: ["a", "b"], renaming: ["a": "b", "b": "a"]).labels == ["b", "a"])
    #expect(try LabelMap(of: ["a"], renaming: ["a": nil]).labels == [])
  }

  @Test func anUnknownName() {
    #expect(throws: SceneError.invalidParameter("'persn' is not one of the 2 labels")) {
      try LabelMap(of: ["person", "bus"], renaming: ["persn": "x", "bus": "y"])
    }
  }

  @Test func oneListForSeveralDetectors() {
    let maps = LabelMap.joining([["car", "coin", "car"], ["coin", "ring"], ["ring", "car", "ring"]])
    #expect(maps.map(\.labels) == Array(repeating: ["car", "coin", "car", "ring"], count: 3))
    #expect(maps.map(\.classIDs) == [[0, 1, 2], [1, 3], [3, 0, 3]])
    #expect(LabelMap.joining([]).isEmpty)
    #expect(LabelMap.joining([[], ["a"]]).map(\.classIDs) == [[], [0]])
  }

  @Test func detectionsOfAnotherList() throws {
    let map = try LabelMap(of: ["a", "b"], renaming: [:])
    #expect(throws: SceneError.invalidParameter("class 2 is not one of the 2 labels")) {
      try map(things([2], ["a", "b", "c"]))
    }
    #expect(throws: SceneError.invalidParameter("class -1 is not one of the 2 labels")) {
      try map([Detection(box: Box(x1: 0, y1: 0, x2: 1, y2: 1), score: 1, classID: -1, label: "a")])
    }
    #expect(
      throws: SceneError.invalidParameter("the label of class 1 must be 'b', got 'coin'")
    ) { try map(things([1], ["person", "coin"])) }
  }
}
