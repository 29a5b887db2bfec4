import Testing

@testable import limn

@Suite struct WeightCacheTests {
  @Test(arguments: [
    (["LIMN_CACHE": "w", "XDG_CACHE_HOME": "/x", "HOME": "/h"], "w"),
    (["XDG_CACHE_HOME": "/x", "HOME": "/h"], "/x/limn/weights"),
    (["XDG_CACHE_HOME": "x", "HOME": "/h"], "/h/.cache/limn/weights"), (["HOME": "/h"], "/h/.cache/limn/weights"),
  ])
  func theFolderIsTheFirstThatIsSet(variables: [String: String], folder: String) throws {
    #expect(try WeightCache { variables[$0] }.folder == folder)
  }

  @Test func withoutAFolderTheVariablesAreNamed() {
    #expect(throws: CommandError("there is no folder for weights: set LIMN_CACHE, XDG_CACHE_HOME or HOME")) {
      try WeightCache { _ in nil }
    }
  }
}
