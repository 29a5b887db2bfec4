import Annotate

/// One run of an annotating command, behind its arguments: inputs, a detector, outputs.
struct AnnotationJob: Sendable {
  /// The format to write.
  var format = AnnotationFormat.json
  /// The file or folder to write; nil for standard output.
  var output: String?
  /// The folder for pictures with their detections drawn on them.
  var overlay: String?
  /// How VOC counts pixels.
  var vocBase = VOCWriter.Base.one
  /// How COCO's formats hold masks.
  var segmentation = SegmentationEncoding.runLengths
  /// Whether the first failure ends the run.
  var failFast = false

  /// Checks what can be checked before a network is loaded.
  func validate() throws(CommandError) {
    if output?.isEmpty == true { throw CommandError("--output is empty") }
    if overlay?.isEmpty == true { throw CommandError("--overlay is empty") }
    if !format.isOneDocument, output == nil {
      throw CommandError("format \(format.rawValue) writes one file an image: name a folder with --output")
    }
    if format.isOneDocument, let output, FileSystem.isFolder(output) {
      throw CommandError("--output \(output) is a folder; format \(format.rawValue) writes one file")
    }
  }

  /// Checks that no output would replace an input.
  func validate(against inputs: InputList) throws(CommandError) {
    if let overlay, let folder = FileIdentity(path: overlay), folder == FileIdentity(path: inputs.root) {
      throw CommandError("--overlay \(overlay) is the folder of the images, and would replace them")
    }
    if let overlay {
      let sources = Set(inputs.items.compactMap { FileIdentity(path: $0.path ?? "") })
      for case .image(let name, let path) in inputs.items {
        let target = "\(overlay)/\(OverlayFolder.fileName(for: name))"
        if let file = FileIdentity(path: target), sources.contains(file) {
          throw CommandError("the overlay of \(path) would replace \(target), which is one of the images")
        }
      }
    }
    guard format.isOneDocument, let output, let file = FileIdentity(path: output) else { return }
    for case .image(_, let path) in inputs.items where FileIdentity(path: path) == file {
      throw CommandError("--output \(output) is one of the images, and would replace it")
    }
  }

  /// Annotates the inputs.
  ///
  /// - Parameter decode: reads a picture from a path.
  func run<D: Detector>(
    _ inputs: InputList, detector: D, options: D.Options, decode: @escaping @Sendable (String) throws -> Image,
    reporter: inout Reporter
  ) async throws -> Pipeline<D>.Outcome {
    var pipeline = Pipeline(detector: detector, options: options, decode: decode, failFast: failFast)
    if let overlay {
      let folder = try OverlayFolder(path: overlay)
      pipeline.drawOverlay = { try folder.write($0, $1, name: $2, source: $3) }
    }
    let target = output.map(OutputTarget.file) ?? .standardOutput
    let labels = detector.labels
    switch format {
    case .json:
      return try await pipeline.run(inputs.items, into: try JSONWriter(to: target), reporter: &reporter)
    case .jsonl:
      return try await pipeline.run(inputs.items, into: try JSONLinesWriter(to: target), reporter: &reporter)
    case .coco:
      let writer = try COCOWriter(to: target, labels: labels, segmentation: segmentation)
      return try await pipeline.run(inputs.items, into: writer, reporter: &reporter)
    case .cocoResults:
      let writer = try COCOResultsWriter(to: target, labels: labels, segmentation: segmentation)
      return try await pipeline.run(inputs.items, into: writer, reporter: &reporter)
    case .voc:
      let writer = try VOCWriter(folder: output ?? ".", labels: labels, base: vocBase)
      return try await pipeline.run(inputs.items, into: writer, reporter: &reporter)
    case .yolo:
      let writer = try YOLOWriter(folder: output ?? ".", labels: labels)
      return try await pipeline.run(inputs.items, into: writer, reporter: &reporter)
    }
  }
}
