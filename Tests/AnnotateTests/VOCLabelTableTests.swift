import Testing

@testable import Annotate

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

  @Test func aBackgroundAmongTheLabelsIsTheBackground() {
    #expect(VOCLabelTable(["__background__", "cat"]).indices == [0, 1])
    #expect(VOCLabelTable(["__background__", "cat"]).rows == ["__background__:0,0,0::\n", "cat:128,0,0::\n"])
    #expect(VOCLabelTable(["background", "cat"]).rows == ["background:0,0,0::\n", "cat:128,0,0::\n"])
    #expect(VOCLabelTable(["cat", "background"]).indices == [1, 2])
    #expect(VOCLabelTable(["cat", "background"]).rows.first == "__background__:0,0,0::\n")
    #expect(VOCLabelTable([]).rows == ["background:0,0,0::\n"])
  }

  @Test func oneNameHasOneColour() {
    let table = VOCLabelTable(["__background__", "cat", "N/A", "N/A", "dog"])
    #expect(table.indices == [0, 1, 2, 2, 4])
    #expect(table.rows.map { $0.prefix { $0 != ":" } } == ["__background__", "cat", "N/A", "dog"])
  }
}
