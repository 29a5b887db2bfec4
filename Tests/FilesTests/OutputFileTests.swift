import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct OutputFileTests {
  /// The bits that `chmod` takes.
  private func mode(_ path: String) throws -> mode_t {
    var status = stat()
    try #require(lstat(path, &status) == 0)
    return status.st_mode & 0o7777
  }

  private func write(_ text: String, to path: String, replacing place: OutputFile.Place = .any) throws {
    let file = try OutputFile(path: path, replacing: place)
    try file.write(text)
    try file.commit()
  }

  @Test func appearsWhenCommitted() throws {
    let folder = try ScratchFolder()
    let file = try OutputFile(path: folder.path + "/a.txt")
    try file.write("one")
    try file.flush()
    #expect(try !folder.files().contains("a.txt"))
    try file.write(Array(" two".utf8))
    try file.commit()
    #expect(try folder.files() == ["a.txt"])
    #expect(try folder.text("a.txt") == "one two")
  }

  @Test func leavesNothingWhenAbandoned() throws {
    let folder = try ScratchFolder()
    try "before".write(toFile: folder.path + "/a.txt", atomically: false, encoding: .utf8)
    do {
      let file = try OutputFile(path: folder.path + "/a.txt")
      try file.write(String(repeating: "x", count: 200_000))
    }
    #expect(try folder.files() == ["a.txt"])
    #expect(try folder.text("a.txt") == "before")
  }

  @Test func replacesWhatWasThereAndKeepsALink() throws {
    let folder = try ScratchFolder()
    try "before".write(toFile: folder.path + "/a.txt", atomically: false, encoding: .utf8)
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link.txt", withDestinationPath: "a.txt")
    let file = try OutputFile(path: folder.path + "/link.txt")
    try file.write("after")
    try file.commit()
    #expect(try folder.text("a.txt") == "after")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/link.txt") == "a.txt")
  }

  @Test func writesADeviceInPlace() throws {
    let file = try OutputFile(path: "/dev/null")
    try file.write("gone")
    try file.commit()
    let type = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
    #expect(type == .typeCharacterSpecial)
  }

  @Test func saysThatTheDiskIsFull() throws {
    let error = #expect(throws: FileError.self) {
      let file = try OutputFile(path: "/dev/full")
      try file.write("lost")
      try file.commit()
    }
    #expect(error == .failed(path: "/dev/full", code: ENOSPC))
    #expect(error?.reason == "No space left on device")
  }

  @Test func refusesAFolderAndAMissingOne() throws {
    let folder = try ScratchFolder()
    #expect(throws: FileError.failed(path: folder.path, code: EISDIR)) { try OutputFile(path: folder.path) }
    let below = folder.path + "/none/a.txt"
    #expect(throws: FileError.refused(path: below, reason: "there is no folder \(folder.path)/none")) {
      try OutputFile(path: below)
    }
    #expect(try folder.files().isEmpty)
  }

  @Test(arguments: [true, false])
  func withoutCommitNothingStays(isNamed: Bool) throws {
    let folder = try ScratchFolder()
    let path = try folder.write([1], to: "out")
    do {
      let file = try OutputFile(path: path, isNamed: isNamed)
      try file.write([2, 3])
      #expect(try folder.files().count == (isNamed ? 2 : 1))
    }
    #expect(try folder.files() == ["out"])
    #expect(try folder.bytes("out") == [1])
  }

  @Test(arguments: [true, false])
  func commitReplaces(isNamed: Bool) throws {
    let folder = try ScratchFolder()
    let path = try folder.write([1], to: "out")
    // What an interrupted run left is passed by.
    try folder.write([9], to: ".limn-0.tmp")
    let file = try OutputFile(path: path, isNamed: isNamed)
    try file.write([2])
    try file.write([])
    try file.write([3])
    try file.commit()
    #expect(try folder.bytes("out") == [2, 3])
    #expect(try folder.files() == [".limn-0.tmp", "out"])
  }

  @Test func whatCannotBeLinkedIsCopied() throws {
    let folder = try ScratchFolder()
    let path = try folder.write([UInt8](repeating: 7, count: 200_000), to: "source")
    try #require(chmod(path, 0o640) == 0)
    try folder.write([1], to: "out")
    let source = open(path, O_RDWR)
    defer { close(source) }
    // Copied from its beginning, wherever it stands.
    try #require(lseek(source, 100, SEEK_SET) == 100)
    let place = OutputFile.Beside(folder: open(folder.path, O_RDONLY | O_DIRECTORY), name: "out", temporary: nil)
    #expect(place.copy(source) == 0)
    #expect(try folder.bytes("out") == folder.bytes("source"))
    #expect(try mode(folder.path + "/out") == 0o640)
    #expect(try folder.files() == ["out", "source"])
    let gone = OutputFile.Beside(folder: -1, name: "out", temporary: nil)
    #expect(gone.copy(source) == EBADF)
  }

  @Test(arguments: [0o600, 0o644, 0o400, 0o000, 0o777, 0o2755, 0o4711, 0o1666] as [mode_t])
  func whatWasThereKeepsItsPermissions(permissions: mode_t) throws {
    let folder = try ScratchFolder()
    let path = try folder.write([1], to: "a")
    try #require(chmod(path, permissions) == 0)
    try write("new", to: path)
    #expect(try mode(path) == permissions)
    try #require(chmod(path, 0o600) == 0)
    #expect(try folder.text("a") == "new")
  }

  @Test func aNewFileHasWhatTheUserLeavesItsFiles() throws {
    let folder = try ScratchFolder()
    try write("new", to: folder.path + "/a")
    let plain = open(folder.path + "/b", O_CREAT | O_WRONLY, 0o666)
    close(plain)
    #expect(try mode(folder.path + "/a") == mode(folder.path + "/b"))
  }

  @Test func aSecretIsNotReadableWhileItIsWritten() throws {
    let folder = try ScratchFolder()
    let path = try folder.write([1], to: "a")
    try #require(chmod(path, 0o600) == 0)
    let file = try OutputFile(path: path, isNamed: true)
    try file.write("secret")
    try file.flush()
    let temporary = try #require(folder.files().first { $0.hasSuffix(".tmp") })
    #expect(try mode(folder.path + "/" + temporary) == 0o600)
  }

  @Test(.enabled(if: geteuid() == 0, "files are given to others by root alone"))
  func whatWasThereKeepsItsOwner() throws {
    let folder = try ScratchFolder()
    let path = try folder.write([1], to: "a")
    try #require(chown(path, 12_345, 23_456) == 0 && chmod(path, 0o6755) == 0)
    try write("new", to: path)
    var status = stat()
    try #require(stat(path, &status) == 0)
    #expect(status.st_uid == 12_345 && status.st_gid == 23_456)
    #expect(try mode(path) == 0o6755)
  }

  @Test func aLinkThatLeadsToNothingIsFollowedToWhereItPoints() throws {
    let folder = try ScratchFolder()
    try FileManager.default.createDirectory(atPath: folder.path + "/b", withIntermediateDirectories: false)
    let links = [
      ("a", "b/c"), ("chain", "b/../a"), ("absolute", folder.path + "/b/d"), ("\u{301}mark", "b/\u{301}e"),
    ]
    for (link, target) in links {
      try FileManager.default.createSymbolicLink(atPath: folder.path + "/" + link, withDestinationPath: target)
    }
    for (link, file) in [("a", "b/c"), ("absolute", "b/d"), ("\u{301}mark", "b/\u{301}e")] {
      try write(link, to: folder.path + "/" + link)
      #expect(try folder.text(file) == link)
    }
    try FileManager.default.removeItem(atPath: folder.path + "/b/c")
    try write("by two links", to: folder.path + "/chain", replacing: .regular)
    #expect(try folder.text("b/c") == "by two links")
    for (link, target) in links {
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/" + link) == target)
    }
  }

  @Test func linksThatLeadNowhereAreRefused() throws {
    let folder = try ScratchFolder()
    func link(_ name: String, to target: String) throws -> String {
      try FileManager.default.createSymbolicLink(atPath: folder.path + "/" + name, withDestinationPath: target)
      return folder.path + "/" + name
    }
    let circle = try link("circle", to: "other")
    _ = try link("other", to: "circle")
    #expect(throws: FileError.failed(path: circle, code: ELOOP)) { try OutputFile(path: circle) }
    let missing = try link("missing", to: "none/file")
    #expect(
      throws: FileError.refused(path: missing, reason: "there is no folder \(folder.path)/none")
    ) { try OutputFile(path: missing) }
    let slash = try link("slash", to: "new/")
    #expect(throws: FileError.self) { try OutputFile(path: slash) }
    let bytes = folder.path + "/bytes"
    try #require(symlink([0x78, -1, 0], bytes) == 0)
    #expect(
      throws: FileError.refused(path: bytes, reason: "it is a link to a name that is not valid UTF-8")
    ) { try OutputFile(path: bytes) }
    #expect(try folder.files().allSatisfy { !$0.hasSuffix(".tmp") })
  }

  @Test func aPipeIsWrittenInPlaceOnlyWhereThatIsAllowed() throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/pipe"
    try #require(mkfifo(path, 0o600) == 0)
    #expect(throws: FileError.refused(path: path, reason: "it exists and is not a regular file")) {
      try OutputFile(path: path, replacing: .regular)
    }
    #expect(throws: FileError.refused(path: "/dev/null", reason: "it exists and is not a regular file")) {
      try OutputFile(path: "/dev/null", replacing: .regular)
    }
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try write("through", to: path)
    var bytes = [UInt8](repeating: 0, count: 16)
    #expect(read(reader, &bytes, bytes.count) == 7)
    #expect(String(decoding: bytes.prefix(7), as: UTF8.self) == "through")
    var status = stat()
    #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }

  @Test(arguments: [1, 200, 242, 250, 251, 252, 253, 254, 255])
  func aNameMayBeAsLongAsTheSystemTakes(length: Int) throws {
    let folder = try ScratchFolder()
    let name = String(repeating: "n", count: length)
    for text in ["one", "two"] {
      try write(text, to: folder.path + "/" + name)
      #expect(try folder.text(name) == text)
    }
    #expect(try folder.files() == [name])
  }

  @Test func aNameBeyondThatIsRefusedBeforeAnythingIsWritten() throws {
    let folder = try ScratchFolder()
    let long = folder.path + "/" + String(repeating: "é", count: 128)
    let error = #expect(throws: FileError.failed(path: long, code: ENAMETOOLONG)) { try OutputFile(path: long) }
    #expect(error?.concernsOneName == true)
    #expect(try folder.files().isEmpty)
  }

  @Test func aPathMayBeAsDeepAsTheSystemTakes() throws {
    let folder = try ScratchFolder()
    // The longest path of a file that the system opens has 4,095 bytes.
    var deep = folder.path
    while deep.utf8.count + 201 < 4095 - 210 { deep += "/" + String(repeating: "d", count: 200) }
    try FileSystem.makeFolders(deep)
    let path = deep + "/" + String(repeating: "f", count: 4095 - deep.utf8.count - 1)
    #expect(path.utf8.count == 4095)
    for text in ["one", "two"] {
      try write(text, to: path)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
    #expect(throws: FileError.failed(path: path + "f", code: ENAMETOOLONG)) { try OutputFile(path: path + "f") }
    #expect(try folder.files().count == 1)
  }

  @Test(.enabled(if: geteuid() != 0, "root lists every folder"))
  func aFolderThatMayNotBeListedMayBeWritten() throws {
    let folder = try ScratchFolder()
    let inner = folder.path + "/in"
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
    try #require(chmod(inner, 0o300) == 0)
    defer { chmod(inner, 0o700) }
    try write("written", to: inner + "/a")
    #expect(try folder.text("in/a") == "written")
    try #require(chmod(inner, 0o500) == 0)
    #expect(throws: FileError.failed(path: inner + "/b", code: EACCES)) { try OutputFile(path: inner + "/b") }
    try #require(chmod(inner, 0o600) == 0)
    #expect(throws: FileError.failed(path: inner + "/b", code: EACCES)) { try OutputFile(path: inner + "/b") }
  }

  @Test(arguments: ["/dev/null", "regular"])
  func nothingIsAddedToWhatIsInPlace(name: String) throws {
    let folder = try ScratchFolder()
    let path = name == "regular" ? folder.path + "/a" : name
    let file = try OutputFile(path: path)
    try file.write("one")
    try file.commit()
    let refusal = FileError.refused(path: path, reason: "it is already complete")
    #expect(throws: refusal) { try file.commit() }
    #expect(throws: refusal) { try file.flush() }
    #expect(throws: refusal) { try file.write([UInt8](repeating: 0, count: 1 << 17)) }
    if name == "regular" { #expect(try folder.text("a") == "one" && folder.files() == ["a"]) }
  }

  @Test func aZeroByteIsNoPartOfAPath() throws {
    #expect(throws: FileError.refused(path: "a\0b", reason: "a path cannot hold a zero byte")) {
      try OutputFile(path: "a\0b")
    }
    #expect(throws: FileError.self) { try OutputFile(path: "") }
  }

  @Test func writersOfOneFileDoNotMixTheirBytes() throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/a"
    let files = try (0..<8).map { _ in try OutputFile(path: path) }
    for (index, file) in files.enumerated() { try file.write(String(repeating: "\(index)", count: 100_000)) }
    for (index, file) in files.enumerated() {
      try file.commit(synchronizesFolder: false)
      #expect(try folder.text("a") == String(repeating: "\(index)", count: 100_000))
    }
    #expect(try folder.files() == ["a"])
  }
}
