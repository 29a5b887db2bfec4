import Foundation
import Testing

@testable import Annotate

@Suite struct OutputFileTests {
  @Test func appearsWhenCommitted() throws {
    let folder = try ScratchFolder()
    var file = try OutputFile(path: folder.path + "/a.txt")
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
      var file = try OutputFile(path: folder.path + "/a.txt")
      try file.write(String(repeating: "x", count: 200_000))
    }
    #expect(try folder.files() == ["a.txt"])
    #expect(try folder.text("a.txt") == "before")
  }

  @Test func replacesWhatWasThereAndKeepsALink() throws {
    let folder = try ScratchFolder()
    try "before".write(toFile: folder.path + "/a.txt", atomically: false, encoding: .utf8)
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link.txt", withDestinationPath: "a.txt")
    var file = try OutputFile(path: folder.path + "/link.txt")
    try file.write("after")
    try file.commit()
    #expect(try folder.text("a.txt") == "after")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/link.txt") == "a.txt")
  }

  @Test func writesADeviceInPlace() throws {
    var file = try OutputFile(path: "/dev/null")
    try file.write("gone")
    try file.commit()
    let type = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
    #expect(type == .typeCharacterSpecial)
  }

  @Test func aDocumentWithASpoolGoesIntoAPipe() throws {
    let pipe = Pipe()
    var writer = try COCOWriter(to: .file("/dev/fd/\(pipe.fileHandleForWriting.fileDescriptor)"), labels: ["cat"])
    let box = Box(x1: 0, y1: 0, x2: 4, y2: 4)
    let cat = Detection(box: box, score: 1, classID: 0, label: "cat")
    try writer.write(try AnnotatedImage(name: "1.jpg", width: 8, height: 8, detections: [cat]))
    try writer.finish()
    try pipe.fileHandleForWriting.close()
    let document = try JSONSerialization.jsonObject(with: pipe.fileHandleForReading.readDataToEndOfFile())
    #expect(((document as? [String: Any])?["annotations"] as? [Any])?.count == 1)
  }

  @Test func spoolsLieBesideRegularFilesOnly() throws {
    let folder = try ScratchFolder()
    #expect(OutputTarget.file(folder.path + "/new.json").spoolFolder == folder.path)
    #expect(OutputTarget.file("/dev/null").spoolFolder == FileSystem.temporaryFolder)
    #expect(OutputTarget.standardOutput.spoolFolder == FileSystem.temporaryFolder)
  }

  @Test func saysThatTheDiskIsFull() throws {
    let error = #expect(throws: AnnotationError.self) {
      var file = try OutputFile(path: "/dev/full")
      try file.write("lost")
      try file.commit()
    }
    #expect(error?.description == "cannot write /dev/full: No space left on device")
  }

  @Test func refusesAFolderAndAMissingOne() throws {
    let folder = try ScratchFolder()
    for path in [folder.path, folder.path + "/none/a.txt"] {
      let error = #expect(throws: AnnotationError.self) { _ = try OutputFile(path: path) }
      #expect(error?.description.contains(path) == true)
    }
    #expect(try folder.files().isEmpty)
  }

  @Test func spoolKeepsOrderAndLeavesNoFile() throws {
    let folder = try ScratchFolder()
    var spool = try Spool(in: folder.path)
    #expect(try folder.files().isEmpty)
    var expected = ""
    for index in 0..<40_000 {
      try spool.write("\(index)\n")
      expected += "\(index)\n"
    }
    var file = try OutputFile(path: folder.path + "/a.txt")
    try file.write("[")
    try spool.copy(to: &file)
    try file.write("]")
    try file.commit()
    #expect(try folder.text("a.txt") == "[" + expected + "]")
  }
}
