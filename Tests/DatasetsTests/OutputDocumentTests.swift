import Files
import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite struct OutputDocumentTests {
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
}
