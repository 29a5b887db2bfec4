import Testing

@testable import Annotate

@Suite struct ImageNumberingTests {
  @Test func numericStemsKeepTheirNumber() {
    var numbering = ImageNumbering()
    #expect(numbering.next(for: "val2017/000000000139.jpg") == 139)
    #expect(numbering.next(for: "000000000285.jpg") == 285)
    #expect(numbering.next(for: "0.jpg") == 0)
  }

  @Test func othersCountFromOnePastTheTaken() {
    var numbering = ImageNumbering()
    #expect(numbering.next(for: "2.jpg") == 2)
    #expect(numbering.next(for: "bus.jpg") == 1)
    #expect(numbering.next(for: "zidane.jpg") == 3)
    #expect(numbering.next(for: "b/2.jpg") == 4)
    #expect(numbering.isUsed(4))
    #expect(!numbering.isUsed(5))
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
