import Foundation
import TestSupport
import Testing

@testable import Annotate

@Suite struct AnnotationJobTests {
  private let folder: ScratchFolder
  private let inputs: InputList

  init() throws {
    folder = try ScratchFolder()
    let images = [("in/1.jpg", 1), ("in/a/2.jpg", 2)]
    for (name, width) in images { try folder.write(ImageFile.encodeJPEG(Fakes.image(width: width)), to: name) }
    try folder.write(to: "in/a/bad.png")
    inputs = try InputList([folder.path + "/in"])
  }

  /// A job of one output, at a path of the scratch folder.
  private func job(_ format: AnnotationFormat = .json, _ output: String? = nil, overlay: String? = nil) -> AnnotationJob
  {
    let target = output.map { output in
      let path = output.isEmpty ? "" : folder.path + "/" + output
      return format.isOneDocument ? OutputTarget.file(path) : .folder(path)
    }
    return AnnotationJob(
      outputs: [.init(format, to: target ?? .standardOutput)],
      overlay: overlay.map { $0.isEmpty ? "" : folder.path + "/" + $0 })
  }

  @discardableResult private func run(_ job: AnnotationJob, _ events: Log = Log()) async throws -> AnnotationSummary {
    try await job.run(inputs, detector: FakeDetector()) { events.append(Fakes.text($0)) }
  }

  /// The sentence with which a job is refused, without the scratch folder; nil where it is taken.
  private func conflict(_ job: AnnotationJob, _ inputs: InputList? = nil) -> String? {
    do {
      if let inputs { try job.validate(against: inputs) } else { try job.validate() }
      return nil
    } catch {
      guard case .conflict(let sentence) = error else { return "another error: \(error)" }
      return sentence.replacing(folder.path + "/", with: "")
    }
  }

  private func list(_ names: String...) throws -> InputList { try InputList(names.map { folder.path + "/" + $0 }) }

  @Test(arguments: [
    (AnnotationFormat.json, ["out"]), (.jsonl, ["out"]), (.coco, ["out"]), (.cocoResults, ["out"]),
    (.voc, ["out/Annotations/1.xml", "out/Annotations/a/2.xml", "out/ImageSets/Main/default.txt", "out/labelmap.txt"]),
    (.yolo, ["out/classes.txt", "out/data.yaml", "out/labels/1.txt", "out/labels/a/2.txt"]),
  ])
  func everyFormatWritesItsFiles(format: AnnotationFormat, files: [String]) async throws {
    let summary = try await run(job(format, "out"))
    #expect(summary == .init(writtenCount: 2, failureCount: 1, isComplete: true))
    #expect(try folder.files().filter { !$0.hasPrefix("in/") } == files)
  }

  @Test func namesAreRelativeToTheFolder() async throws {
    try await run(job(.jsonl, "out"))
    let lines = try folder.text("out").split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[1].hasPrefix(#"{"image": "a/2.jpg", "width": 2, "height": 1, "#))
    #expect(lines[2] == #"{"image": "a/bad.png", "error": "\#(folder.path)/in/a/bad.png: the file is empty"}"#)
  }

  @Test func everyPictureIsToldWithItsDetections() async throws {
    let events = Log()
    try await run(job(.json, "out"), events)
    let reason = "\(folder.path)/in/a/bad.png: the file is empty"
    #expect(events.all == ["started 3", "1.jpg 1 1", "a/2.jpg 2 1", "failed a/bad.png: \(reason)"])
  }

  @Test func aFileAnImageNeedsAFolder() {
    for format in [AnnotationFormat.voc, .yolo] {
      #expect(
        conflict(job(format)) == "format \(format.rawValue) writes one file per image and needs a folder")
      let file = AnnotationJob(outputs: [.init(format, to: .file("a.txt"))])
      #expect(
        conflict(file)
          == "format \(format.rawValue) writes one file per image and needs a folder, not the file a.txt")
      #expect(conflict(job(format, "in")) == nil)
    }
    for format in [AnnotationFormat.json, .jsonl, .coco, .cocoResults] {
      #expect(conflict(job(format)) == nil)
      #expect(conflict(job(format, "in")) == "the output in is a folder; format \(format.rawValue) writes one file")
      let below = AnnotationJob(outputs: [.init(format, to: .folder("a"))])
      #expect(conflict(below) == "format \(format.rawValue) writes one file and needs a file path, not the folder a")
    }
  }

  @Test func anOutputNeverReplacesAnInput() throws {
    #expect(
      conflict(job(.json, "in/a/../1.jpg"), inputs)
        == "the output of format json, in/a/../1.jpg, would replace one of the images")
    #expect(
      conflict(job(overlay: "in/."), inputs)
        == "the overlay folder in/. is the folder of the images, and would replace them")
    #expect(conflict(job(.json, "in/new.json", overlay: "in/a"), inputs) == nil)
  }

  @Test func aPictureIsNeverReplacedByItsOwnDrawing() throws {
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/drawn", withDestinationPath: "in")
    #expect(
      conflict(job(overlay: "drawn"), inputs)
        == "the overlay folder drawn is the folder of the images, and would replace them")
    try FileManager.default.createDirectory(atPath: folder.path + "/links", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/links/1.jpg", withDestinationPath: "../in/1.jpg")
    #expect(
      conflict(job(overlay: "links"), inputs)
        == "the overlay of in/1.jpg, links/1.jpg, would replace one of the images")
  }

  @Test func noFileOfAFormatReplacesAnInput() throws {
    for path in ["out/labels/1.txt", "out/Annotations/1.xml", "out/classes.txt", "out/labelmap.txt"] {
      try folder.write(to: path)
    }
    func refusal(_ format: AnnotationFormat, _ input: String, labels: String? = nil) throws -> String? {
      var job = job(format, "out")
      if let labels { job.protectedFiles = [.init(path: folder.path + "/" + labels, role: "the file of labels")] }
      return conflict(job, try list(input))
    }
    #expect(
      try refusal(.yolo, "out/labels/1.txt")
        == "the annotations of out/labels/1.txt, out/labels/1.txt, would replace one of the images")
    #expect(
      try refusal(.voc, "out/Annotations/1.xml")
        == "the annotations of out/Annotations/1.xml, out/Annotations/1.xml, would replace one of the images")
    #expect(
      try refusal(.yolo, "in/1.jpg", labels: "out/classes.txt")
        == "the output of format yolo, out/classes.txt, would replace the file of labels")
    #expect(
      try refusal(.voc, "in/1.jpg", labels: "out/labelmap.txt")
        == "the output of format voc, out/labelmap.txt, would replace the file of labels")
    #expect(try refusal(.voc, "in/1.jpg", labels: "out/classes.txt") == nil)
  }

  @Test func anOverlayNeverReplacesAnyInput() throws {
    let images = try list("in/1.jpg", "in/a/2.jpg")
    #expect(conflict(job(overlay: "in/a"), images) == nil)
    try folder.write(to: "in/a/1.jpg")
    #expect(conflict(job(overlay: "in/a"), images) == nil)
    #expect(
      conflict(job(overlay: "in/a"), try list("in/1.jpg", "in/a/1.jpg"))
        == "the overlay of in/1.jpg, in/a/1.jpg, would replace one of the images")
  }

  @Test func overlaysOfTwoImagesNeverShareAFile() throws {
    for name in ["photo", "photo.jpg"] { try folder.write(to: name) }
    let images = try list("photo", "photo.jpg")
    #expect(
      conflict(job(overlay: "drawn"), images)
        == "the overlay of photo and the overlay of photo.jpg would both be drawn/photo.jpg")
    #expect(conflict(job(), images) == nil)
  }

  @Test func masksOfVOCNeverReplaceAnInput() throws {
    try folder.write(to: "voc/SegmentationClass/1.png")
    let images = try list("voc/SegmentationClass/1.png")
    #expect(
      conflict(job(.voc, "voc"), images)
        == "the annotations of voc/SegmentationClass/1.png, voc/SegmentationClass/1.png, would replace one of the images"
    )
    #expect(conflict(job(.voc, "other"), images) == nil)
  }

  @Test func anOutputNeverReplacesTheWeights() throws {
    func protecting(_ name: String, _ job: AnnotationJob) -> AnnotationJob {
      var job = job
      job.protectedFiles = [.init(path: folder.path + "/" + name, role: "the weight file")]
      return job
    }
    try folder.write(to: "w.png")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/out.json", withDestinationPath: "w.png")
    for output in ["w.png", "out.json"] {
      #expect(
        conflict(protecting("w.png", job(.json, output)), inputs)
          == "the output of format json, \(output), would replace the weight file")
    }
    #expect(conflict(protecting("other", job(.json, "out.json")), inputs) == nil)
    try FileManager.default.moveItem(atPath: folder.path + "/w.png", toPath: folder.path + "/1.jpg")
    let overlays = AnnotationJob(outputs: [.init(.json, to: .standardOutput)], overlay: folder.path)
    #expect(
      conflict(protecting("1.jpg", overlays), try list("in/1.jpg"))
        == "the overlay of in/1.jpg, 1.jpg, would replace the weight file")
  }

  @Test func emptyPathsAndFilesInPlaceOfFoldersAreRefused() {
    for format in AnnotationFormat.allCases { #expect(conflict(job(format, "")) == "the output's path is empty") }
    #expect(conflict(job(overlay: "")) == "the overlay folder's path is empty")
    #expect(conflict(job(overlay: "in/1.jpg")) == "the overlay folder in/1.jpg is a file, not a folder")
    for format in [AnnotationFormat.voc, .yolo] {
      #expect(
        conflict(job(format, "in/1.jpg"))
          == "the output in/1.jpg is a file, not a folder; format \(format.rawValue) writes one file per image")
    }
  }

  @Test func anOverlayThatCannotBeWrittenFailsItsPictureAlone() async throws {
    // Where the overlay of 1.jpg belongs.
    try folder.write(to: "drawn/1.jpg/taken")
    let summary = try await run(job(.jsonl, "out", overlay: "drawn"))
    #expect(summary == .init(writtenCount: 1, failureCount: 2, isComplete: true))
    let path = folder.path + "/in/1.jpg"
    let reason = "cannot write its overlay \(folder.path)/drawn/1.jpg: Is a directory"
    let lines = try folder.text("out").split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.first == #"{"image": "1.jpg", "error": "\#(path): \#(reason)"}"#)
    #expect(try folder.files().filter { $0.hasPrefix("drawn/") } == ["drawn/1.jpg/taken", "drawn/a/2.jpg"])
  }

  @Test func whatRemainsOfAFirstFailureIsTold() {
    func remains(_ format: AnnotationFormat, _ target: OutputTarget) -> String {
      AnnotationJob(outputs: [.init(format, to: target)]).remains
    }
    #expect(remains(.json, .standardOutput) == "the document on standard output is incomplete")
    #expect(remains(.jsonl, .standardOutput) == "the lines before it are written")
    #expect(remains(.jsonl, .file("a")) == "a is not written")
    #expect(remains(.yolo, .folder("a")) == "the images before it are written")
    #expect(remains(.yolo, .memory(MemoryOutput())) == "the document is not finished")
    #expect(
      AnnotationJob(outputs: [.init(.yolo, to: .folder("a")), .init(.coco, to: .file("b"))]).remains
        == "the images before it are written, b is not written")
  }

  /// They would fail every image, and leave an empty document in the place of a good one.
  @Test func optionsOutOfRangeAreRefusedBeforeAnythingIsWritten() async throws {
    let path = folder.path + "/kept.json"
    try folder.write(Array("good".utf8), to: "kept.json")
    let job = AnnotationJob(outputs: [.init(.json, to: .file(path))])
    let inputs = try list("cat.jpg")
    let part = CombinedDetector.Part(try YOLOv5(), options: .init(confidence: 9))
    let combined = try CombinedDetector([part])
    await #expect(throws: SceneError.invalidParameter("the confidence must be 0 to 1, got 9.0")) {
      try await job.run(inputs, detector: YOLOv5(), options: .init(confidence: 9))
    }
    await #expect(throws: SceneError.invalidParameter("the confidence must be 0 to 1, got 9.0")) {
      try await job.run(inputs, detector: combined)
    }
    #expect(try folder.bytes("kept.json") == Array("good".utf8))
  }

  @Test func anOutputThatCannotBeOpenedStopsTheJob() async throws {
    await #expect(throws: AnnotationError.self) { try await run(job(.json, "none/out.json")) }
    await #expect(throws: AnnotationError.self) { try await run(job(.json, "out.json", overlay: "in/1.jpg")) }
    #expect(try folder.files().allSatisfy { $0.hasPrefix("in/") })
  }

  @Test func severalOutputsAreFedAtOnce() async throws {
    let (memory, lines) = (MemoryOutput(), MemoryOutput())
    var job = AnnotationJob(outputs: [
      .init(.coco, to: .file(folder.path + "/coco.json")), .init(.voc, to: .folder(folder.path + "/voc")),
      .init(.yolo, to: .memory(memory)), .init(.jsonl, to: .memory(lines)),
      .init(.cocoResults, to: .file(folder.path + "/results.json")),
    ])
    job.overlay = folder.path + "/drawn"
    let summary = try await run(job)
    #expect(summary == .init(writtenCount: 2, failureCount: 1, isComplete: true))
    #expect(
      try folder.files().filter { !$0.hasPrefix("in/") } == [
        "coco.json", "drawn/1.jpg", "drawn/a/2.jpg", "results.json", "voc/Annotations/1.xml", "voc/Annotations/a/2.xml",
        "voc/ImageSets/Main/default.txt", "voc/labelmap.txt",
      ])
    #expect(memory.files.keys.sorted() == ["classes.txt", "data.yaml", "labels/1.txt", "labels/a/2.txt"])
    #expect(lines.text?.split(separator: "\n").count == 3)
    // What several write is what each would write alone.
    let alone = MemoryOutput()
    try await run(AnnotationJob(outputs: [.init(.coco, to: .memory(alone))]))
    #expect(try alone.text == folder.text("coco.json"))
  }

  @Test func bothFormatsOfCOCONumberPicturesAlike() async throws {
    for (name, width) in [("in/cat.jpg", 3), ("in/a/1.jpg", 4)] {
      try folder.write(ImageFile.encodeJPEG(Fakes.image(width: width)), to: name)
    }
    let (coco, results) = (MemoryOutput(), MemoryOutput())
    var job = AnnotationJob(outputs: [.init(.coco, to: .memory(coco)), .init(.cocoResults, to: .memory(results))])
    let events = Log()
    func ids() async throws -> (coco: [String: Int], results: [Int]) {
      let list = try InputList([folder.path + "/in"])
      _ = try await job.run(list, detector: FakeDetector()) { events.append(Fakes.text($0)) }
      let dataset = try JSONSerialization.jsonObject(with: Data(#require(coco.document))) as? [String: Any]
      let images = try #require(dataset?["images"] as? [[String: Any]])
      let found = try JSONSerialization.jsonObject(with: Data(#require(results.document))) as? [[String: Any]]
      let pairs = images.map { ($0["file_name"] as? String ?? "", $0["id"] as? Int ?? -1) }
      return (Dictionary(uniqueKeysWithValues: pairs), found?.compactMap { $0["image_id"] as? Int } ?? [])
    }
    // The first `1.jpg` has the number, `a/1.jpg` the next that is free; the picture that fails has one as well.
    let chosen = try await ids()
    #expect(chosen.coco == ["1.jpg": 1, "a/1.jpg": 3, "a/2.jpg": 2, "cat.jpg": 5])
    #expect(chosen.results == [1, 3, 2, 5])
    job.imageIDs = COCOImageIDs(["cat.jpg": 77, "2.jpg": 1])
    let given = try await ids()
    #expect(given.coco == ["1.jpg": 2, "a/1.jpg": 3, "a/2.jpg": 1, "cat.jpg": 77])
    #expect(given.results == [2, 3, 1, 77])
    #expect(events.all.contains("note 2 of 5 images have no existing id and get free numbers") == false)
    #expect(events.all.contains("note 3 of 5 images have no existing id and get free numbers"))
  }

  /// A detector of masks that fill the picture.
  private struct Masks: Detector {
    let labels = ["cat"]

    func detect(_ image: Image, options: DetectionOptions) throws -> [Detection] {
      let pixels = [UInt8](repeating: 1, count: image.width * image.height)
      let mask = try Mask(
        bitmap: pixels, bitmapWidth: image.width, x: 0, y: 0, width: image.width, height: image.height)
      let box = Box(x1: 0, y1: 0, x2: Float(image.width), y2: Float(image.height))
      return [Detection(box: box, score: 1, classID: 0, label: "cat", mask: mask)]
    }
  }

  @Test func aFolderIsAnnotatedInPlaceTwice() async throws {
    try FileManager.default.removeItem(atPath: folder.path + "/in/a/bad.png")
    let job = job(.voc, "in", overlay: "in/drawn")
    var files: [[String]] = []
    for _ in 0..<2 {
      let list = try InputList([folder.path + "/in"], excluding: job.pictureFolders)
      #expect(list.items.compactMap(\.path).count == 2)
      let summary = try await job.run(list, detector: Masks())
      #expect(summary == .init(writtenCount: 2, failureCount: 0, isComplete: true))
      files.append(try folder.files())
    }
    #expect(files[0] == files[1] && files[0].contains("in/SegmentationClass/1.png"))
    #expect(try folder.text("in/ImageSets/Main/default.txt") == "1\na/2\n")
    // Another format, another run: the masks are no photographs.
    let lines = MemoryOutput()
    let list = try InputList([folder.path + "/in"], excluding: [folder.path + "/in/drawn"])
    #expect(list.maskFolders == ["SegmentationClass", "SegmentationObject"].map { "\(folder.path)/in/\($0)" })
    _ = try await AnnotationJob(outputs: [.init(.jsonl, to: .memory(lines))]).run(list, detector: Masks())
    #expect(lines.text?.split(separator: "\n").count == 2)
  }

  /// Runs a job over all that is in a folder, and gives the reasons of failures without the scratch folder.
  private func failures(_ job: AnnotationJob, over names: String...) async throws -> (written: Int, reasons: [String]) {
    let list = try InputList(names.map { folder.path + "/" + $0 }, excluding: job.pictureFolders)
    let reasons = Log()
    let summary = try await job.run(list, detector: Masks()) { [folder] event in
      if case .failed(_, let reason) = event { reasons.append(reason.replacing(folder.path + "/", with: "")) }
    }
    #expect(summary.isComplete && summary.failureCount == reasons.all.count)
    return (summary.writtenCount, reasons.all)
  }

  @Test func aNameThatBeginsWithAMarkIsWrittenBelowTheFolders() async throws {
    let jpeg = try ImageFile.encodeJPEG(Fakes.image(width: 8, height: 8))
    try folder.write(jpeg, to: "p/sub/\u{301}a.jpg")
    try folder.write(jpeg, to: "p/x/b.jpg")
    try folder.write(jpeg, to: "p/\u{301}b.png")
    for format in [AnnotationFormat.voc, .yolo] {
      let name = format.rawValue
      let (written, reasons) = try await failures(
        job(format, "dst/\(name)", overlay: "dst/ov-\(name)"), over: "p/x/../\u{301}b.png", "p/sub", "p/x")
      #expect(written == 3 && reasons.isEmpty)
      let text = format == .voc ? ("Annotations", "xml") : ("labels", "txt")
      for stem in ["sub/\u{301}a", "x/b", "\u{301}b"] {
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/dst/\(name)/\(text.0)/\(stem).\(text.1)"))
      }
      for picture in ["sub/\u{301}a.jpg", "x/b.jpg", "\u{301}b.png"] {
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/dst/ov-\(name)/\(picture)"))
      }
    }
    // Nothing beside the named folders.
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path + "/dst").sorted() == [
        "ov-voc", "ov-yolo", "voc", "yolo",
      ])
  }

  @Test func aNameBesideAFolderOfItsAnnotationsFailsAlone() async throws {
    let jpeg = try ImageFile.encodeJPEG(Fakes.image(width: 8, height: 8))
    for name in ["a.png", "a.txt/b.png", "a.xml/b.png", "c.png"] { try folder.write(jpeg, to: "p/" + name) }
    for (format, place) in [(AnnotationFormat.yolo, "labels/a.txt/b.txt"), (.voc, "Annotations/a.xml/b.xml")] {
      let (written, reasons) = try await failures(job(format, format.rawValue), over: "p")
      #expect(written == 3)
      let picture = "p/a.\(format == .yolo ? "txt" : "xml")/b.png"
      #expect(reasons == ["\(picture): cannot write \(place) in the output folder: Not a directory"])
    }
    // A folder is there already.
    try folder.write(to: "there/labels/c.txt/taken")
    let (written, reasons) = try await failures(job(.yolo, "there"), over: "p/a.png", "p/c.png")
    #expect(written == 1)
    #expect(reasons == ["p/c.png: cannot write labels/c.txt in the output folder: Is a directory"])
    #expect(try folder.files().allSatisfy { !$0.hasSuffix(".tmp") })
  }

  @Test func namesOfAllLengthsAreWrittenOrFailAlone() async throws {
    let jpeg = try ImageFile.encodeJPEG(Fakes.image(width: 8, height: 8))
    for length in 246...255 { try folder.write(jpeg, to: "p/" + String(repeating: "n", count: length - 4) + ".jpg") }
    for (format, overlay) in [(AnnotationFormat.yolo, "ov"), (.voc, nil), (.jsonl, "ov2")] {
      let (written, reasons) = try await failures(job(format, format.rawValue, overlay: overlay), over: "p")
      #expect(written == 10 && reasons.isEmpty, "\(format)")
    }
    // Names without an extension, to which one is added.
    for length in [250, 251, 252, 255] { try folder.write(jpeg, to: "q/" + String(repeating: "m", count: length)) }
    let paths = [250, 251, 252, 255].map { "q/" + String(repeating: "m", count: $0) }
    for job in [job(.yolo, "long"), job(.voc, "long"), job(.jsonl, "long.jsonl", overlay: "long-ov")] {
      let (written, reasons) = try await failures(job, over: paths[0], paths[1], paths[2], paths[3])
      #expect(written == 2 && reasons.count == 2)
      #expect(reasons.allSatisfy { $0.hasPrefix("q/mmm") && $0.hasSuffix(": File name too long") })
    }
    #expect(try folder.files().allSatisfy { !$0.hasSuffix(".tmp") })
  }

  @Test func aPictureThatAFormatRefusesIsAFailureAndHasNoDrawing() async throws {
    let jpeg = try ImageFile.encodeJPEG(Fakes.image(width: 8, height: 8))
    for name in ["a.jpg", "a.png", "b.jpg"] { try folder.write(jpeg, to: "p/" + name) }
    let (written, reasons) = try await failures(job(.yolo, "out", overlay: "drawn"), over: "p")
    #expect(written == 2)
    #expect(reasons == ["p/a.png: its annotations would replace those of another image, labels/a.txt"])
    #expect(try folder.files().filter { $0.hasPrefix("drawn/") } == ["drawn/a.jpg", "drawn/b.jpg"])
  }
}
