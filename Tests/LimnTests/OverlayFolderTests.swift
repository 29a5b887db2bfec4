import Annotate
import Testing

@testable import limn

@Suite struct OverlayFolderTests {
  private let detection = Detection(box: Box(x1: 4, y1: 4, x2: 28, y2: 28), score: 1, classID: 0, label: "cat")

  @Test func drawnPicturesKeepTheirSubfolders() throws {
    let folder = try ScratchFolder()
    let image = try Image(width: 32, height: 32, pixels: [UInt8](repeating: 0, count: 32 * 32 * 3))
    let overlays = try OverlayFolder(path: folder.path + "/drawn")
    try overlays.write(image, [detection], name: "a/1.png", source: folder.path + "/1.png")
    try overlays.write(image, [], name: "photo", source: folder.path + "/photo")
    #expect(try folder.files() == ["drawn/a/1.png", "drawn/photo.jpg"])
    #expect(try ImageFile.decode(path: folder.path + "/drawn/a/1.png") != image)
  }

  @Test func aPictureIsNeverReplacedByItsOwnDrawing() throws {
    let folder = try ScratchFolder()
    let image = try Image(width: 1, height: 1, pixels: [1, 2, 3])
    let path = folder.path + "/1.png"
    try ImageFile.write(image, to: path)
    let overlays = try OverlayFolder(path: folder.path)
    #expect(throws: CommandError.self) { try overlays.write(image, [detection], name: "1.png", source: path) }
    #expect(try ImageFile.decode(path: path) == image)
  }
}
