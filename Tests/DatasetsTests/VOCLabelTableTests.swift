import Testing

@testable import Datasets

@Suite struct VOCLabelTableTests {
  @Test func coloursAreTheDevkits() {
    func hex(_ index: Int) -> [UInt8] {
      let color = VOCLabelTable.color(index)
      return [color.red, color.green, color.blue]
    }
    #expect(hex(0) == [0, 0, 0])
    #expect(hex(1) == [128, 0, 0])
    #expect(hex(15) == [192, 128, 128])
    #expect(hex(20) == [0, 64, 128])
    #expect(hex(254) == [96, 224, 192])
    #expect(hex(255) == [224, 224, 192])
  }

  @Test func aBackgroundAmongTheLabelsIsTheBackground() throws {
    #expect(try VOCLabelTable(LabelSet(["__background__", "cat"])).indices == [0, 1])
    #expect(
      try VOCLabelTable(LabelSet(["__background__", "cat"])).rows == ["__background__:0,0,0::\n", "cat:128,0,0::\n"])
    #expect(try VOCLabelTable(LabelSet(["background", "cat"])).rows == ["background:0,0,0::\n", "cat:128,0,0::\n"])
    #expect(try VOCLabelTable(LabelSet(["cat", "background"])).indices == [1, 2])
    #expect(try VOCLabelTable(LabelSet(["cat", "background"])).rows.first == "__background__:0,0,0::\n")
    #expect(try VOCLabelTable(LabelSet([])).rows == ["background:0,0,0::\n"])
  }

  @Test(arguments: [
    ["__background__", "cat", "N/A", "N/A", "dog"], ["cat", "dog", "cat", "cat", "cat 2"], ["a", "", "", "class 1"],
    ["background", "background"],
  ])
  func numbersOfPixelsAndLinesAgree(labels: [String]) throws {
    let set = try LabelSet(labels)
    let table = VOCLabelTable(set)
    let names = table.rows.map { String($0.prefix { $0 != ":" }) }
    #expect(Set(names).count == names.count)
    for (classID, index) in table.indices.enumerated() {
      #expect(names[index] == set.names[classID])
      let color = VOCLabelTable.color(index)
      #expect(table.rows[index].hasSuffix(":\(color.red),\(color.green),\(color.blue)::\n"))
    }
  }
}
