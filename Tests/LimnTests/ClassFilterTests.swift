import Testing

@testable import limn

@Suite struct ClassFilterTests {
  private let labels = ["person", "cat", "dog", "hot dog", "7", "CAT"]

  private func classes(_ included: [String], excluding excluded: [String] = []) throws -> Set<Int>? {
    try ClassFilter(included: included, excluded: excluded).classes(of: labels)
  }

  @Test func namesAndIDsChooseClasses() throws {
    #expect(try classes([]) == nil)
    #expect(try classes(["person", "2"]) == [0, 2])
    #expect(try classes(["Hot Dog"]) == [3])
    #expect(try classes([], excluding: ["0", "dog"]) == [1, 3, 4, 5])
    #expect(try classes(["person", "dog"], excluding: ["dog"]) == [0])
  }

  @Test func aNameGoesBeforeAnIDAndExactSpellingFirst() throws {
    #expect(try classes(["7"]) == [4])
    #expect(try classes(["cat"]) == [1])
    #expect(try classes(["Cat"]) == [1, 5])
  }

  @Test func unknownNamesGetTheNearestOnes() throws {
    let error = #expect(throws: CommandError.self) { try classes(["preson", "6", "-1", "dgo", "zzzzzz"]) }
    #expect(
      error?.description == """
        no class "preson" (similar: person); no class "6" (similar: 7); no class "-1"; no class "dgo"; no class "zzzzzz"; \
        the network has 6 classes: person, cat, dog, hot dog, 7, CAT
        """)
  }

  @Test func leavingNoClassIsAnError() {
    #expect(throws: CommandError.self) { try classes(["dog"], excluding: ["2"]) }
  }

  @Test func distances() {
    #expect(ClassFilter.editDistance("", "") == 0)
    #expect(ClassFilter.editDistance("", "abc") == 3)
    #expect(ClassFilter.editDistance("kitten", "sitting") == 3)
    #expect(ClassFilter.editDistance("é猫", "e猫") == 1)
  }
}
