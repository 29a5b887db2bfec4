import Files

/// A run over images of files: a detector's findings go to files of any formats, and drawn onto copies of the images.
///
///     let job = AnnotationJob(outputs: [.init(.coco, to: .file("annotations.json"))])
///     let inputs = try InputList(["photos"], excluding: job.pictureFolders)
///     let summary = try await job.run(inputs, detector: YOLOv5())
public struct AnnotationJob: Sendable {
  /// One output of a run.
  public struct Output: Sendable {
    /// The format.
    public var format: AnnotationFormat
    /// Where it goes.
    public var target: OutputTarget
    /// What the format lets a caller choose.
    public var options: FormatOptions

    /// Makes an output.
    public init(_ format: AnnotationFormat, to target: OutputTarget, options: FormatOptions = FormatOptions()) {
      self.format = format
      self.target = target
      self.options = options
    }
  }

  /// What is written; several outputs are fed at once.
  public var outputs: [Output]
  /// A file that no output may replace.
  public struct ProtectedFile: Sendable, Hashable {
    /// Where it is.
    public var path: String
    /// What it is, for the sentence of a refusal: "the weight file".
    public var role: String

    /// Makes one.
    public init(path: String, role: String) {
      self.path = path
      self.role = role
    }
  }

  /// The folder for images with their detections drawn on them; nil for none.
  public var overlay: String?
  /// The least longer side that JPEG images are decoded at, for a detector that reduces them anyway; nil for their own
  /// size, which masks need.
  public var reducedSide: Int?
  /// Which images and files may be read.
  public var decoding = ImageFile.DecodingOptions()
  /// Whether the first failure ends the run.
  public var stopsAtFirstFailure = false
  /// Files that no output may replace, beside the inputs.
  public var protectedFiles: [ProtectedFile] = []
  /// Image ids that exist already; the other images are numbered around them.
  public var imageIDs: COCOImageIDs?

  /// Makes a job.
  public init(outputs: [Output], overlay: String? = nil) {
    self.outputs = outputs
    self.overlay = overlay
  }

  /// The folders that the job writes images to, which are not among its inputs.
  public var pictureFolders: [String] {
    maskFolders + (overlay.map { [$0] } ?? [])
  }

  private var maskFolders: [String] {
    outputs.flatMap { output -> [String] in
      guard output.format == .voc, case .folder(let path) = output.target else { return [] }
      return [VOCFolders.classMasks, VOCFolders.objectMasks].map { Path.joined(path, $0) }
    }
  }

  /// Checks that each output is of its format's kind: before a network is loaded, and before inputs are looked for.
  ///
  /// - Throws: `AnnotationError.conflict`.
  public func validate() throws(AnnotationError) {
    for output in outputs {
      let format = output.format.rawValue
      switch output.target {
      case .standardOutput where !output.format.isOneDocument:
        throw .conflict("format \(format) writes one file an image, and needs a folder")
      case .file(let path) where !output.format.isOneDocument:
        throw .conflict("format \(format) writes one file an image, and needs a folder, not the file \(path)")
      case .file(let path) where path.isEmpty: throw .conflict("the output's path is empty")
      case .file(let path) where FileSystem.isFolder(path):
        throw .conflict("the output \(path) is a folder; format \(format) writes one file")
      case .folder(let path) where path.isEmpty: throw .conflict("the output's path is empty")
      case .folder(let path) where output.format.isOneDocument:
        throw .conflict("format \(format) writes one file, not a folder as \(path)")
      case .folder(let path) where FileIdentity(path: path).map { !$0.isFolder } ?? false:
        throw .conflict("the output \(path) is a file, not a folder; format \(format) writes one file an image")
      default: break
      }
    }
    if overlay?.isEmpty == true { throw .conflict("the overlay folder's path is empty") }
    if let overlay, let found = FileIdentity(path: overlay), !found.isFolder {
      throw .conflict("the overlay folder \(overlay) is a file, not a folder")
    }
  }

  /// Checks that no output would replace an input, a protected file or another output.
  ///
  /// - Throws: `AnnotationError.conflict`.
  public func validate(against inputs: InputList) throws(AnnotationError) {
    try validate()
    var plan = OutputPlan(inputs: inputs, protected: protectedFiles)
    if let overlay, let folder = FileIdentity(path: overlay), folder == FileIdentity(path: inputs.root) {
      throw .conflict("the overlay folder \(overlay) is the folder of the images, and would replace them")
    }
    for (index, output) in outputs.enumerated() {
      switch output.target {
      case .file(let path): try plan.add(path, .document(format: output.format, index))
      case .folder(let folder):
        for table in output.format.tables {
          try plan.add(Path.joined(folder, table), .document(format: output.format, index))
        }
      case .standardOutput, .memory: break
      }
    }
    for folder in maskFolders { try plan.add(folder, .maskFolder) }
    if let overlay { try plan.add(overlay, .overlayFolder) }
    for case .image(let name, let path) in inputs.items {
      for (index, output) in outputs.enumerated() {
        guard case .folder(let folder) = output.target else { continue }
        for file in output.format.files(for: name) {
          try plan.add(Path.joined(folder, file), .annotations(of: path, index))
        }
      }
      if let overlay { try plan.add(OverlayFolder.path(for: name, in: overlay), .overlay(of: path)) }
    }
  }

  /// What is there of the outputs when the first failure has ended the run.
  public var remains: String {
    let sentences = outputs.map { output in
      switch (output.format, output.target) {
      case (_, .folder): "the images before it are written"
      case (_, .file(let path)): "\(path) is not written"
      case (.jsonl, .standardOutput): "the lines before it are written"
      case (_, .standardOutput): "the document on standard output is cut short"
      case (_, .memory): "the document is not finished"
      }
    }
    return sentences.joined(separator: ", ")
  }

  /// Annotates the inputs, in order: decoding runs ahead of detection.
  ///
  /// An image that fails, for whatever reason of its own, is an event and a count, and the others are written.
  ///
  /// - Parameters:
  ///   - inputs: the images.
  ///   - detector: finds the objects.
  ///   - options: what it is to find.
  ///   - onEvent: is told how the run goes, in order, one event at a time.
  /// - Throws: `AnnotationError` where outputs would replace one another or an input, or cannot be written;
  ///   `CancellationError` where the task was cancelled, also within an image. Documents are then discarded.
  public func run<D: Detector>(
    _ inputs: InputList, detector: D, options: D.Options = D.Options(),
    onEvent: @escaping @Sendable (AnnotationEvent) -> Void = { _ in }
  ) async throws -> AnnotationSummary {
    try validate(against: inputs)
    return try await runValidated(inputs, detector: detector, options: options, onEvent: onEvent)
  }

  /// Annotates the inputs, against which the job was validated, as `run`: the check asks the system about every file that
  /// is going to be written, once.
  package func runValidated<D: Detector>(
    _ inputs: InputList, detector: D, options: D.Options,
    onEvent: @escaping @Sendable (AnnotationEvent) -> Void
  ) async throws -> AnnotationSummary {
    var pipeline = Pipeline(onEvent: onEvent) { try detector.detect($0, options: options) }
    pipeline.stopsAtFirstFailure = stopsAtFirstFailure
    pipeline.decode = { [reducedSide, decoding] path in
      guard let reducedSide else { return ReducedImage(try ImageFile.decode(path: path, options: decoding)) }
      return try ImageFile.decode(path: path, reducedTo: reducedSide, options: decoding)
    }
    if let overlay { pipeline.overlay = try OverlayFolder(path: overlay) }
    let (items, notes) = numbered(inputs.items)
    let writers = try outputs.map { try $0.format.writer(to: $0.target, labels: detector.labels, options: $0.options) }
    for note in notes { onEvent(.note(note)) }
    return try await pipeline.run(items, into: writers)
  }

  /// The inputs with the ids of the images, which are those of the whole list, whatever fails.
  private func numbered(_ items: [InputList.Item]) -> (items: [Pipeline.Item], notes: [String]) {
    let names = items.compactMap { item in
      if case .image(let name, _) = item { name } else { nil }
    }
    let known = imageIDs?.ids(of: names) ?? [:]
    var ids = ImageNumbering.ids(of: names, known: known).makeIterator()
    var notes: [String] = []
    if imageIDs != nil, known.count < names.count {
      let count = names.count - known.count
      notes.append("\(count) of \(names.count) images have no id there, and get numbers that are free")
    }
    let numbered = items.map { item in
      Pipeline.Item(input: item, id: item.path == nil ? nil : ids.next())
    }
    return (numbered, notes)
  }
}
