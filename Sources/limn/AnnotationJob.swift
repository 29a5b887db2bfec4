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
  /// How COCO's formats hold masks and circles, and whether YOLO's circles are polygons.
  var segmentation = SegmentationEncoding.runLengths
  /// Sees each picture with its detections.
  var observe: (@Sendable (Image, [Detection]) -> Void)?
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
    if !format.isOneDocument, let output, let found = FileIdentity(path: output), !found.isFolder {
      throw CommandError(
        "--output \(output) is a file, not a folder; format \(format.rawValue) writes one file an image")
    }
    if let overlay, let found = FileIdentity(path: overlay), !found.isFolder {
      throw CommandError("--overlay \(overlay) is a file, not a folder")
    }
  }

  /// Checks that no output would replace an input, the weight file, the file of labels or another output.
  func validate(
    against inputs: InputList, weights: String? = nil, labels: String? = nil
  ) throws(CommandError) {
    if let overlay, let folder = FileIdentity(path: overlay), folder == FileIdentity(path: inputs.root) {
      throw CommandError("--overlay \(overlay) is the folder of the images, and would replace them")
    }
    let sources = Set(inputs.items.compactMap(\.identity))
    let weightFile = weights.flatMap(FileIdentity.init(path:))
    let labelFile = labels.flatMap(FileIdentity.init(path:))
    func check(_ target: String, _ writer: String) throws(CommandError) {
      guard let file = FileIdentity(path: target) else { return }
      if sources.contains(file) {
        throw CommandError("\(writer) would replace \(target), which is one of the images")
      }
      if file == weightFile { throw CommandError("\(writer) would replace \(target), which is the weight file") }
      if file == labelFile { throw CommandError("\(writer) would replace \(target), which is the file of labels") }
    }
    if format.isOneDocument, let output { try check(output, "--output") }
    for target in targets(voc: VOCWriter.tables, yolo: YOLOWriter.tables) {
      try check(target, "format \(format.rawValue)")
    }
    // Bytes, since strings that are canonically equivalent may name two files.
    var overlays: [[UInt8]: String] = [:]
    for case .image(let name, let path) in inputs.items {
      for target in targets(voc: VOCWriter.files(for: name), yolo: YOLOWriter.files(for: name)) {
        try check(target, "the annotations of \(path)")
      }
      guard let overlay else { continue }
      let target = OverlayFolder.path(for: name, in: overlay)
      try check(target, "the overlay of \(path)")
      if let other = overlays.updateValue(path, forKey: Array(target.utf8)) {
        throw CommandError("the overlays of \(other) and \(path) would both be \(target)")
      }
      if let output, let file = FileIdentity(path: output), file == FileIdentity(path: target) {
        throw CommandError("--output \(output) and the overlay of \(path) are one file")
      }
    }
  }

  /// Those of the paths that are the format's, in the output's folder.
  private func targets(voc: [String], yolo: [String]) -> [String] {
    guard let output else { return [] }
    let paths =
      switch format {
      case .voc: voc
      case .yolo: yolo
      default: [String]()
      }
    return paths.map { "\(output)/\($0)" }
  }

  /// What is there of the outputs when the first failure has ended the run.
  var remains: String {
    switch (format, output) {
    case (.voc, _), (.yolo, _): "the images before it are written"
    case (_, let output?): "\(output) is not written"
    case (.jsonl, nil): "the lines before it are written"
    case (_, nil): "the document on standard output is cut short"
    }
  }

  /// Annotates the inputs.
  ///
  /// - Parameter decode: reads a picture from a path.
  func run<D: Detector>(
    _ inputs: InputList, detector: D, options: D.Options, decode: @escaping @Sendable (String) throws -> ReducedImage,
    reporter: inout Reporter
  ) async throws -> Pipeline<D>.Outcome {
    var pipeline = Pipeline(
      detector: detector, options: options, decode: decode, observe: observe, failFast: failFast)
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
      let writer = try YOLOWriter(
        folder: output ?? ".", labels: labels, circles: segmentation == .polygons ? .polygons : .boxes)
      return try await pipeline.run(inputs.items, into: writer, reporter: &reporter)
    }
  }
}
