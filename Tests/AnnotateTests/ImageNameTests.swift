import Testing

@testable import Annotate

@Suite struct ImageNameTests {
  @Test(arguments: [
    ("bus.jpg", "bus"), ("a/b.c.png", "a/b.c"), ("noextension", "noextension"), (".jpg", ".jpg"),
    ("a.b/.png", "a.b/.png"),
    ("a.b/c", "a.b/c"), ("x.", "x"), ("", ""),
  ])
  func stems(name: String, stem: String) {
    #expect(ImageName.stem(of: name) == stem)
  }

  @Test func lastParts() {
    #expect(ImageName.lastPart(of: "a/b/c.jpg") == "c.jpg")
    #expect(ImageName.lastPart(of: "c.jpg") == "c.jpg")
    #expect(ImageName.lastPart(of: "a/") == "")
  }
}
