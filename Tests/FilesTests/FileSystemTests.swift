import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct FileSystemTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test func foldersAreMadeWithThoseAboveThem() throws {
    try FileSystem.makeFolders(folder.path + "/a/\u{301}b/c")
    #expect(FileSystem.isFolder(folder.path + "/a/\u{301}b/c"))
    try FileSystem.makeFolders(folder.path + "/a/\u{301}b/c/")
    try FileSystem.makeFolders(folder.path + "/d/")
    #expect(FileSystem.isFolder(folder.path + "/d"))
  }

  @Test func aFileInTheWayOfAFolderIsTold() throws {
    let file = try folder.write(to: "a")
    #expect(throws: FileError.failed(path: file, code: ENOTDIR)) { try FileSystem.makeFolders(file) }
    let error = #expect(throws: FileError.self) { try FileSystem.makeFolders(file + "/b/c") }
    #expect(error?.reason == "Not a directory" && error?.concernsOneName == true)
    let long = folder.path + "/" + String(repeating: "x", count: 256)
    #expect(throws: FileError.failed(path: long, code: ENAMETOOLONG)) { try FileSystem.makeFolders(long) }
  }

  @Test func contentsAreThoseOfRegularFiles() throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
    let path = try folder.write(bytes, to: "a")
    #expect(try FileSystem.contents(of: path, limit: 200_000) == bytes)
    #expect(try FileSystem.contents(of: folder.write(to: "empty"), limit: 0) == [])
    #expect(throws: FileError.tooLarge(path: path, size: 200_000, limit: 199_999)) {
      try FileSystem.contents(of: path, limit: 199_999)
    }
    #expect(throws: FileError.refused(path: folder.path, reason: "this is a folder, not a file")) {
      try FileSystem.contents(of: folder.path, limit: 1)
    }
    #expect(throws: FileError.refused(path: "/dev/zero", reason: "this is not a regular file")) {
      try FileSystem.contents(of: "/dev/zero", limit: 1)
    }
    #expect(throws: FileError.failed(path: path + "x", code: ENOENT)) {
      try FileSystem.contents(of: path + "x", limit: 1)
    }
    #expect(throws: FileError.refused(path: path + "\0x", reason: "a path cannot hold a zero byte")) {
      try FileSystem.contents(of: path + "\0x", limit: 1 << 20)
    }
    // Opening a pipe without a writer does not wait.
    let pipe = folder.path + "/pipe"
    try #require(mkfifo(pipe, 0o600) == 0)
    #expect(throws: FileError.refused(path: pipe, reason: "this is not a regular file")) {
      try FileSystem.contents(of: pipe, limit: 1)
    }
  }

  @Test func aFileOfTheWrongKindIsRefusedBeforeItsSize() throws {
    let path = try folder.write(Array("GIF89a and more".utf8), to: "a")
    #expect(throws: FakeError.self) {
      try FileSystem.contents(of: path, limit: 3, prefix: 6) { prefix in
        #expect(Array(prefix) == Array("GIF89a".utf8))
        throw FakeError(description: "a GIF file")
      }
    }
    let short = try folder.write([1, 2], to: "b")
    let bytes = try FileSystem.contents(of: short, limit: 3, prefix: 6) { #expect(Array($0) == [1, 2]) }
    #expect(bytes == [1, 2])
  }

  @Test func aFileWithoutANameLeavesNone() throws {
    let descriptor = try FileSystem.openNameless(in: folder.path)
    defer { close(descriptor) }
    #expect(try folder.files().isEmpty)
    try FileSystem.writeAll([UInt8](repeating: 7, count: 100_000), to: descriptor, path: "spool")
    #expect(lseek(descriptor, 0, SEEK_SET) == 0)
    var count = 0
    try FileSystem.readAll(descriptor, path: "spool") { bytes in
      #expect(bytes.allSatisfy { $0 == 7 })
      count += bytes.count
    }
    #expect(count == 100_000)
    let none = folder.path + "/none"
    #expect(throws: FileError.failed(path: none, code: ENOENT)) { try FileSystem.openNameless(in: none) }
  }

  @Test func temporaryNamesDifferAndAreShortAndHidden() {
    let names = (0..<1000).map { _ in FileSystem.temporaryName() }
    #expect(Set(names).count == 1000)
    #expect(names.allSatisfy { $0.hasPrefix(".limn-") && $0.hasSuffix(".tmp") && $0.utf8.count <= 24 })
  }

  @Test func kindsOfFilesAreTold() throws {
    let path = try folder.write(to: "a")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: ".")
    #expect(FileSystem.isFolder(folder.path + "/link") && !FileSystem.isFolder(path))
    #expect(FileSystem.isSpecial("/dev/null"))
    #expect(!FileSystem.isSpecial(path) && !FileSystem.isSpecial(folder.path) && !FileSystem.isSpecial(path + "x"))
    #expect(!FileSystem.isFolder(folder.path + "\0"))
  }

  @Test func reasonsAreTheSystems() {
    #expect(FileSystem.reason(ENOSPC) == "No space left on device")
    #expect(FileSystem.reason(123_456).contains("123456"))
  }

  @Test func aPathIsResolvedWithoutLinks() throws {
    let real = try #require(FileSystem.resolved(folder.path))
    try folder.write(to: "a/b")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "a")
    #expect(FileSystem.resolved(folder.path + "/link/../a/./b") == real + "/a/b")
    #expect(FileSystem.resolved(folder.path + "/none") == nil)
  }

  @Test func twoPathsOfOneFileAreOne() throws {
    let path = try folder.write(to: "a")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "a")
    try FileManager.default.linkItem(atPath: path, toPath: folder.path + "/hard")
    let identity = try #require(FileIdentity(path: path))
    for name in ["/link", "/hard"] { #expect(identity == FileIdentity(path: folder.path + name)) }
    #expect(identity.isRegular && !identity.isFolder)
    #expect(try identity != FileIdentity(path: folder.write(to: "b")))
    #expect(FileIdentity(path: folder.path)?.isFolder == true)
    let descriptor = open(path, O_RDONLY)
    #expect(FileIdentity(descriptor: descriptor) == identity)
    close(descriptor)
    #expect(FileIdentity(descriptor: -1) == nil)
    #expect(FileIdentity(path: path + "x") == nil && FileIdentity(path: path + "\0x") == nil)
  }

  @Test func causesThatLieInANameConcernOneFile() {
    for code in [ENAMETOOLONG, EISDIR, ENOTDIR, EINVAL, EILSEQ, ELOOP, ENOENT, EEXIST] {
      #expect(FileError.failed(path: "a", code: code).concernsOneName)
    }
    for code in [ENOSPC, EIO, EROFS, EACCES, EDQUOT, EMFILE] {
      #expect(!FileError.failed(path: "a", code: code).concernsOneName)
    }
    #expect(!FileError.readerGone.concernsOneName)
  }
}
