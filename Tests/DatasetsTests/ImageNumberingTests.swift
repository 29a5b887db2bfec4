import Testing

@testable import Datasets

@Suite struct ImageNumberingTests {
  @Test func numericStemsKeepTheirNumber() throws {
    var numbering = ImageNumbering()
    #expect(try numbering.id(of: Samples.image("val2017/000000000139.jpg")) == 139)
    #expect(try numbering.id(of: Samples.image("000000000285.jpg")) == 285)
    #expect(try numbering.id(of: Samples.image("0.jpg")) == 0)
    #expect(ImageNumbering.ids(of: ["val2017/000000000139.jpg", "000000000285.jpg", "0.jpg"]) == [139, 285, 0])
  }

  @Test func othersCountFromOnePastTheTaken() throws {
    var numbering = ImageNumbering()
    #expect(try numbering.id(of: Samples.image("2.jpg")) == 2)
    #expect(try numbering.id(of: Samples.image("bus.jpg")) == 1)
    #expect(try numbering.id(of: Samples.image("zidane.jpg")) == 3)
    #expect(try numbering.id(of: Samples.image("b/2.jpg")) == 4)
    #expect(ImageNumbering.ids(of: ["2.jpg", "bus.jpg", "zidane.jpg", "b/2.jpg"]) == [2, 1, 3, 4])
  }

  @Test func numbersInNamesAreReservedFirst() {
    #expect(ImageNumbering.ids(of: ["cat.jpg", "1.jpg"]) == [2, 1])
    #expect(ImageNumbering.ids(of: ["a/1.jpg", "cat.jpg", "b/1.jpg", "3.jpg"]) == [1, 2, 4, 3])
    #expect(ImageNumbering.ids(of: []) == [])
  }

  @Test func knownNumbersGoBeforeAllOthers() {
    #expect(ImageNumbering.ids(of: ["1.jpg", "cat.jpg", "2.jpg"], known: [1: 1]) == [3, 1, 2])
    #expect(ImageNumbering.ids(of: ["1.jpg", "cat.jpg"], known: [0: 77, 1: 5]) == [77, 5])
    // Two pictures of one name may have numbers of their own.
    #expect(ImageNumbering.ids(of: ["a.jpg", "a.jpg", "a.jpg"], known: [2: 1]) == [2, 3, 1])
  }

  @Test func numbersThatADoubleWouldMixUpAreNoIDs() {
    #expect(ImageNumbering.numericStem(of: "9007199254740992.jpg") == 9_007_199_254_740_992)
    #expect(ImageNumbering.numericStem(of: "9007199254740993.jpg") == nil)
    #expect(ImageNumbering.numericStem(of: "99999999999999999999.jpg") == nil)
    #expect(ImageNumbering.numericStem(of: "-5.jpg") == nil)
    #expect(ImageNumbering.numericStem(of: "+5.jpg") == nil)
    #expect(ImageNumbering.numericStem(of: "٣.jpg") == nil)
    #expect(ImageNumbering.numericStem(of: "5/a.jpg") == nil)
  }
}
