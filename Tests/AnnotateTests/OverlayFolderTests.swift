import TestSupport
import Testing

@testable import Annotate

@Suite struct OverlayFolderTests {
  private let detection = Detection(box: Box(x1: 4, y1: 4, x2: 28, y2: 28), score: 1, classID: 0, label: "cat")

  private func draw(_ image: Image, _ detections: [Detection], name: String, in overlays: OverlayFolder) throws {
    try overlays.open(overlays.encoded(image, detections, name: name), name: name).commit()
  }

  @Test func drawnPicturesKeepTheirSubfolders() throws {
    let folder = try ScratchFolder()
    let image = try Fakes.image(width: 32, height: 32)
    let overlays = try OverlayFolder(path: folder.path + "/drawn")
    try draw(image, [detection], name: "a/1.png", in: overlays)
    try draw(image, [], name: "photo", in: overlays)
    #expect(try folder.files() == ["drawn/a/1.png", "drawn/photo.jpg"])
    #expect(try ImageFile.decode(path: folder.path + "/drawn/a/1.png") != image)
  }

  @Test(arguments: [
    ("a.jpg", "a.jpg"), ("a/b.PNG", "a/b.PNG"), ("c.jpeg", "c.jpeg"), ("photo", "photo.jpg"), ("a.webp", "a.webp.jpg"),
    ("a.jfif", "a.jfif"), ("b.jpe", "b.jpe"), ("c.MPO", "c.MPO"), ("a.b/c", "a.b/c.jpg"), (".jpg", ".jpg.jpg"),
  ])
  func overlaysAreJPEGOrPNG(name: String, file: String) {
    #expect(OverlayFolder.fileName(for: name) == file)
  }
}
