import Testing

@testable import Files

@Suite struct PathTests {
  @Test(arguments: [
    ("bus.jpg", "bus"), ("a/b.c.png", "a/b.c"), ("noextension", "noextension"), (".jpg", ".jpg"),
    ("a.b/.png", "a.b/.png"),
    ("a.b/c", "a.b/c"), ("x.", "x"), ("", ""),
  ])
  func stems(name: String, stem: String) {
    #expect(Path.stem(of: name) == stem)
  }

  @Test func lastParts() {
    #expect(Path.lastPart(of: "a/b/c.jpg") == "c.jpg")
    #expect(Path.lastPart(of: "c.jpg") == "c.jpg")
    #expect(Path.lastPart(of: "a/") == "")
  }

  /// Swift's characters join a slash with the combining mark behind it; the system does not.
  @Test func marksBehindASlashAreNames() {
    #expect(Path.parts(of: "a/\u{301}b//c/") == ["a", "\u{301}b", "c"])
    #expect(Path.parts(of: "a/\u{301}b//c/", omittingEmpty: false) == ["a", "\u{301}b", "", "c", ""])
    #expect(Path.parent(of: "a/\u{301}b") == "a")
    #expect(Path.lastPart(of: "a/\u{301}b") == "\u{301}b")
    #expect(Path.stem(of: "a.x/\u{301}b.jpg").unicodeScalars.elementsEqual("a.x/\u{301}b".unicodeScalars))
    #expect(Path.stem(of: "a.\u{301}jpg") == "a")
    #expect(Path.fileExtension(of: "a/\u{301}b.PNG") == "png")
    #expect(Path.fileExtension(of: "a.x/\u{301}") == nil)
    #expect(Path.parts(of: "..\u{301}/..") == ["..\u{301}", ".."])
  }

  @Test(arguments: [
    ("a/b", "a"), ("b", "."), ("/b", "/"), ("/", "/"), ("a/", "a"), ("/a/b", "/a"), ("", "."), ("a//b", "a/"),
  ])
  func parents(path: String, parent: String) {
    #expect(Path.parent(of: path) == parent)
  }

  @Test func extensionsAreInLowerCase() {
    #expect(Path.fileExtension(of: "a.JpG") == "jpg")
    #expect(Path.fileExtension(of: "a.b.c") == "c")
    #expect(Path.fileExtension(of: "a.") == "")
    #expect(Path.fileExtension(of: ".jpg") == nil)
    #expect(Path.fileExtension(of: "a/.jpg") == nil)
    #expect(Path.fileExtension(of: "a.b/c") == nil)
    #expect(Path.fileExtension(of: "") == nil)
  }

  @Test func pathsAreJoinedByOneSlash() {
    #expect(Path.joined("a", "b") == "a/b")
    #expect(Path.joined("a/", "b") == "a/b")
    #expect(Path.joined("/", "b") == "/b")
    #expect(Array(Path.joined("a", "\u{301}b").utf8) == [0x61, 0x2F, 0xCC, 0x81, 0x62])
  }
}
