import Foundation
import Testing

@testable import limn

@Suite struct InputListTests {
  private let folder: ScratchFolder

  init() throws {
    folder = try ScratchFolder()
  }

  private func make(_ names: String...) throws {
    for name in names {
      let path = folder.path + "/" + name
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      #expect(FileManager.default.createFile(atPath: path, contents: Data()))
    }
  }

  private func names(_ list: InputList) -> [String] {
    list.items.map { item in
      switch item {
      case .image(let name, _): name
      case .failure(let name, let reason): "\(name): " + reason.replacingOccurrences(of: folder.path + "/", with: "")
      }
    }
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
        "empty: empty: the folder holds no image (.jpg, .jpeg, .png)", "2.jpg",
      ])
    #expect(list.hasImages)
    #expect(try !InputList([folder.path + "/empty"]).hasImages)
    #expect(throws: CommandError.self) { try InputList([""]) }
  }

  @Test func aListComesFromStandardInput() throws {
    try make("1.jpg", "two words.jpg")
    var bytes = Array("\(folder.path)/two words.jpg\r\n\n\(folder.path)/1.jpg".utf8)
    #expect(names(try InputList(["-"], standardInput: { bytes })) == ["two words.jpg", "1.jpg"])
    bytes = [0x2F, 0xFF, 0x0A]
    #expect(
      names(try InputList(["-"], standardInput: { bytes })) == ["/\u{FFFD}: /\u{FFFD}: the path is not valid UTF-8"])
    #expect(names(try InputList(["-"], standardInput: { [] })) == ["-: standard input lists no path"])
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
    #expect(names(try InputList([folder.path], excluding: FileIdentity(path: folder.path + "/overlay"))) == ["1.jpg"])
  }
}
