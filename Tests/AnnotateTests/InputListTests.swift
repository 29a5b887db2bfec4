import Foundation
import Glibc
import TestSupport
import Testing

@testable import Annotate

@Suite struct InputListTests {
  private let folder: ScratchFolder

  init() throws {
    folder = try ScratchFolder()
  }

  private func make(_ names: String...) throws {
    for name in names { try folder.write(to: name) }
  }

  private func names(_ list: InputList) -> [String] {
    list.items.map { item in
      switch item {
      case .image(let name, _): name
      case .failure(let name, let reason): "\(name): " + reason.replacingOccurrences(of: folder.path + "/", with: "")
      }
    }
  }

  @Test func aListThatZeroBytesPartIsNamedOnce() throws {
    let list = try InputList(["-"], list: { Array("a.jpg\0b.jpg\0\nc.jpg\n".utf8) })
    #expect(
      names(list) == [
        "a.jpg\0b.jpg\0: a.jpg\0b.jpg\0: the list contains a zero byte; it must be UTF-8 text with one path per line"
      ])
  }

  @Test func aFolderGivesItsImagesInByteOrder() throws {
    try make(
      "b.jpg", "a.PNG", "Z.jpeg", "c/2.jpg", "c/10.JPG", "note.txt", "a.jpg.txt", "jpg", ".hidden.jpg", ".x/1.jpg",
      "d/x.txt")
    let list = try InputList([folder.path])
    #expect(names(list) == ["Z.jpeg", "a.PNG", "b.jpg", "c/10.JPG", "c/2.jpg"])
    #expect(list.items.first == .image(name: "Z.jpeg", path: folder.path + "/Z.jpeg"))
    #expect(try InputList([folder.path + "/"]).items == list.items)
    #expect(try InputList([folder.path + "/c/.."]).items.count == 5)
  }

  @Test func aNamedFileIsAlwaysTried() throws {
    try make("note.txt", ".hidden.jpg")
    #expect(names(try InputList([folder.path + "/note.txt"])) == ["note.txt"])
    #expect(names(try InputList([folder.path + "/.hidden.jpg"])) == [".hidden.jpg"])
  }

  @Test func severalInputsAreNamedFromTheFolderThatHoldsThem() throws {
    try make("a/1.jpg", "b/1.jpg", "b/c/2.jpg")
    let inputs = ["a", "b/1.jpg", "b/c"].map { folder.path + "/" + $0 }
    #expect(names(try InputList(inputs)) == ["a/1.jpg", "b/1.jpg", "b/c/2.jpg"])
    #expect(names(try InputList([folder.path + "/b/c/2.jpg", folder.path + "/b"])) == ["c/2.jpg", "1.jpg"])
  }

  @Test func anImageNamedTwiceIsTakenOnce() throws {
    try make("a/1.jpg", "a/2.jpg")
    let list = try InputList([folder.path + "/a/2.jpg", folder.path + "/a", folder.path + "/a/../a/./2.jpg"])
    #expect(names(list) == ["2.jpg", "1.jpg"])
    #expect(list.duplicateCount == 2)
    #expect(
      try !InputList([folder.path, folder.path]).items.contains { if case .failure = $0 { true } else { false } })
  }

  @Test func whatCannotBeFoundIsAFailureInItsPlace() throws {
    try make("1.jpg", "2.jpg", "empty/note.txt")
    let list = try InputList(["1.jpg", "gone.jpg", "empty", "2.jpg"].map { folder.path + "/" + $0 })
    #expect(
      names(list) == [
        "1.jpg", "gone.jpg: gone.jpg: No such file or directory",
        "empty: empty: the folder has no JPEG or PNG image outside hidden and excluded folders",
        "2.jpg",
      ])
    #expect(list.hasImages)
    #expect(try !InputList([folder.path + "/empty"]).hasImages)
    #expect(throws: InputError.self) { try InputList([""]) }
  }

  @Test func aListComesFromStandardInput() throws {
    try make("1.jpg", "two words.jpg")
    var bytes = Array("\(folder.path)/two words.jpg\r\n\n\(folder.path)/1.jpg".utf8)
    #expect(names(try InputList(["-"], list: { bytes })) == ["two words.jpg", "1.jpg"])
    bytes = [0x2F, 0xFF, 0x0A]
    #expect(
      names(try InputList(["-"], list: { bytes })) == ["/\u{FFFD}: /\u{FFFD}: the path is not valid UTF-8"])
    #expect(names(try InputList(["-"], list: { [] })) == ["-: standard input contains no path"])
  }

  @Test func namesThatAreNotUTF8AreFailures() throws {
    try make("1.jpg")
    let bytes = Array((folder.path + "/x").utf8) + [0xFF] + Array(".jpg".utf8) + [0]
    let path = bytes.map { CChar(bitPattern: $0) }
    let descriptor = open(path, O_CREAT, 0o600)
    try #require(descriptor >= 0)
    close(descriptor)
    defer { unlink(path) }
    let list = try InputList([folder.path])
    #expect(names(list) == ["1.jpg", "x\u{FFFD}.jpg: x\u{FFFD}.jpg: the name is not valid UTF-8"])
  }

  @Test func linksInACircleEnd() throws {
    try make("a/1.jpg")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/a/up", withDestinationPath: "..")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/a/broken.jpg", withDestinationPath: "nowhere")
    #expect(names(try InputList([folder.path])) == ["a/1.jpg", "a/broken.jpg"])
  }

  @Test func aFolderThatLinksReachManyTimesIsEnteredOnce() throws {
    try make("z/1.jpg")
    for level in 0..<12 {
      let inner = folder.path + "/\(level)"
      try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
      let target = level == 11 ? "../z" : "../\(level + 1)"
      for link in ["a", "b", "c"] {
        try FileManager.default.createSymbolicLink(atPath: inner + "/" + link, withDestinationPath: target)
      }
    }
    let list = try InputList([folder.path])
    #expect(list.items.count == 1 && list.duplicateCount == 0)
  }

  @Test func aPathUpFromALinkIsWhereTheSystemFindsIt() throws {
    try make("1.jpg", "away/1.jpg", "away/in/2.jpg")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "away/in")
    let list = try InputList(["link/../1.jpg", "1.jpg", "away/1.jpg"].map { folder.path + "/" + $0 })
    #expect(names(list) == ["away/1.jpg", "1.jpg"])
    #expect(list.duplicateCount == 1)
  }

  @Test func twoWaysToOneNameAreOneImageAndTwoNamesAreTwo() throws {
    try make("a/1.jpg")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/b", withDestinationPath: "a")
    try FileManager.default.linkItem(atPath: folder.path + "/a/1.jpg", toPath: folder.path + "/a/2.jpg")
    let list = try InputList(["a", "b", "b/2.jpg"].map { folder.path + "/" + $0 })
    #expect(names(list) == ["a/1.jpg", "a/2.jpg"])
    #expect(list.duplicateCount == 3)
  }

  @Test func anExcludedFolderIsPassedOver() throws {
    try make("1.jpg", "overlay/1.jpg")
    #expect(names(try InputList([folder.path], excluding: [folder.path + "/overlay"])) == ["1.jpg"])
  }

  @Test func everyNameOfAJPEGFileIsRead() throws {
    try make("a.jfif", "b.JPE", "c.mpo", "d.Jpeg")
    let list = try InputList([folder.path])
    #expect(names(list) == ["a.jfif", "b.JPE", "c.mpo", "d.Jpeg"])
    #expect(list.foreignCounts.isEmpty)
  }

  @Test func imagesThatAreNotReadAreCounted() throws {
    try make("a.jpg", "b.webp", "c.WEBP", "in/d.bmp", "e.tiff", "note.txt", ".hidden.webp", "webp")
    let list = try InputList([folder.path])
    #expect(names(list) == ["a.jpg"])
    #expect(list.foreignCounts == ["webp": 2, "bmp": 1, "tiff": 1])
    let none = try InputList([folder.path + "/in"])
    #expect(
      names(none) == [
        folder.path
          + "/in: in: the folder has no JPEG or PNG image outside hidden and excluded folders"
      ])
    #expect(none.foreignCounts == ["bmp": 1])
    // A file that is named is tried, whatever it is.
    let named = try InputList([folder.path + "/b.webp"])
    #expect(names(named) == ["b.webp"] && named.foreignCounts.isEmpty)
  }

  @Test func aByteOrderMarkIsNoPartOfAPath() throws {
    try make("1.jpg", "2.jpg")
    let bytes = [0xEF, 0xBB, 0xBF] + Array("\(folder.path)/1.jpg\n\(folder.path)/2.jpg\n".utf8)
    #expect(names(try InputList(["-"], list: { bytes })) == ["1.jpg", "2.jpg"])
    #expect(names(try InputList(["-"], list: { [0xEF, 0xBB, 0xBF] })) == ["-: standard input contains no path"])
  }

  /// Swift's characters join a slash with the combining mark behind it; the system does not.
  @Test func aNameThatBeginsWithAMarkIsAName() throws {
    try make("in/sub/\u{301}b.png", "in/\u{301}c.png", "in/x/d.png")
    let bytes = { (list: InputList) in names(list).map { Array($0.utf8) } }
    #expect(
      try bytes(InputList([folder.path + "/in"]))
        == ["sub/\u{301}b.png", "x/d.png", "\u{301}c.png"].map { Array($0.utf8) })
    // Up from x and down again: the name has no part of the way.
    let list = try InputList([folder.path + "/in/x/../\u{301}c.png", folder.path + "/in/x"])
    #expect(bytes(list) == ["\u{301}c.png", "x/d.png"].map { Array($0.utf8) })
    #expect(Array(list.root.utf8) == Array((folder.path + "/in").utf8))
    let alone = try InputList([folder.path + "/in/x/../\u{301}c.png"])
    #expect(bytes(alone) == [Array("\u{301}c.png".utf8)])
  }

  @Test func masksOfAVOCDataSetAreNoPhotographs() throws {
    try make(
      "ds/1.jpg", "ds/Annotations/1.xml", "ds/SegmentationClass/1.png", "ds/SegmentationObject/1.png",
      "ds/SegmentationClass/deep/2.png", "other/labelmap.txt", "other/SegmentationClass/3.png",
      "plain/SegmentationClass/4.png", "plain/5.png")
    let list = try InputList([folder.path])
    #expect(names(list) == ["ds/1.jpg", "plain/5.png", "plain/SegmentationClass/4.png"])
    #expect(
      list.maskFolders
        == ["ds/SegmentationClass", "ds/SegmentationObject", "other/SegmentationClass"].map {
          folder.path + "/" + $0
        })
    // A folder that is named is meant.
    let named = try InputList([folder.path + "/ds/SegmentationClass"])
    #expect(names(named) == ["1.png", "deep/2.png"] && named.maskFolders.isEmpty)
  }

  @Test(.enabled(if: geteuid() != 0, "root enters every folder"))
  func aFolderThatMayNotBeEnteredIsAFailure() throws {
    try make("1.jpg", "closed/2.jpg", "listed/sub/3.jpg", "listed/4.jpg")
    try #require(chmod(folder.path + "/closed", 0) == 0 && chmod(folder.path + "/listed", 0o400) == 0)
    defer { for name in ["closed", "listed"] { chmod(folder.path + "/" + name, 0o700) } }
    #expect(
      names(try InputList([folder.path])) == [
        "1.jpg", "closed: closed: Permission denied", "listed/4.jpg",
        "listed/sub: listed/sub: Permission denied",
      ])
  }

  @Test func aPathBeyondTheSystemsLimitIsAFailure() throws {
    try make("1.jpg")
    // Folders below one another, made where the one above is open.
    let name = String(repeating: "d", count: 250)
    let depth = 4096 / 251 + 1
    var open = [Glibc.open(folder.path, O_RDONLY | O_DIRECTORY)]
    for _ in 0..<depth {
      try #require(mkdirat(open[open.count - 1], name, 0o700) == 0)
      open.append(openat(open[open.count - 1], name, O_RDONLY | O_DIRECTORY))
    }
    close(openat(open[depth], "2.jpg", O_CREAT | O_WRONLY, 0o600))
    defer {
      unlinkat(open[depth], "2.jpg", 0)
      for level in (0..<depth).reversed() { unlinkat(open[level], name, AT_REMOVEDIR) }
      for descriptor in open { close(descriptor) }
    }
    let found = names(try InputList([folder.path]))
    #expect(found.first == "1.jpg" && found.count == 2)
    #expect(found.last?.hasSuffix(": File name too long") == true)
  }
}
