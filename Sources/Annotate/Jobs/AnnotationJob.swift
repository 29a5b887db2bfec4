import Files

/// A job that annotates image files: it detects objects, writes them in one or several formats, and can draw them on
/// copies of the images.
///
///     let job = AnnotationJob(outputs: [.init(.coco, to: .file("annotations.json"))])
///     let inputs = try InputList(["photos"], excluding: job.pictureFolders)
///     let summary = try await job.run(inputs, detector: YOLOv5())
public struct AnnotationJob: Sendable {
  /// An output of a job.
  public struct Output: Sendable {
    /// The format.
    public var format: AnnotationFormat
    /// The target: a file, a folder, standard output or memory.
    public var target: OutputTarget
    /// The options of the format.
    public var options: FormatOptions

    /// Makes an output.
    public init(_ format: AnnotationFormat, to target: OutputTarget, options: FormatOptions = FormatOptions()) {
      self.format = format
      self.target = target
      self.options = options
    }
  }

  /// The outputs, which are written in one run.
  public var outputs: [Output]
  /// A file that outputs must not replace.
  public struct ProtectedFile: Sendable, Hashable {
    /// The path of the file.
    public var path: String
    /// The role of the file in error sentences, such as "the weight file".
    public var role: String

    /// Makes a protected file.
    public init(path: String, role: String) {
      self.path = path
      self.role = role
    }
  }

  /// The folder for images with their detections drawn on them; nil for none.
  public var overlay: String?
  /// The least longer side, in pixels, to which JPEG images may be reduced while they are decoded, for detectors that
  /// reduce them anyway; nil for full size, which masks need.
  public var reducedSide: Int?
  /// The options for decoding the images, such as size limits.
  public var decoding = ImageFile.DecodingOptions()
  /// Whether the first failure ends the run.
  public var stopsAtFirstFailure = false
  /// Files that outputs must not replace, in addition to the inputs.
  public var protectedFiles: [ProtectedFile] = []
  /// Existing image ids; nil for none. Other images get the number in their name if it is free, else the next free
  /// number from 1.
  public var imageIDs: COCOImageIDs?

  /// Makes a job. It is checked when it runs, or by `validate()`.
  public init(outputs: [Output], overlay: String? = nil) {
    self.outputs = outputs
    self.overlay = overlay
  }

  /// The folders to which the job writes images and masks, to be excluded from its inputs.
  public var pictureFolders: [String] {
    maskFolders + (overlay.map { [$0] } ?? [])
  }

  private var maskFolders: [String] {
    outputs.flatMap { output -> [String] in
      guard output.format == .voc, case .folder(let path) = output.target else { return [] }
      return [VOCFolders.classMasks, VOCFolders.objectMasks].map { Path.joined(path, $0) }
    }
  }

  /// Checks that the target of each output suits its format. It needs neither a detector nor inputs.
  ///
  /// - Throws: `AnnotationError.conflict` for an unsuitable target, an empty path, or a path of the wrong kind.
  public func validate() throws(AnnotationError) {
    for output in outputs {
      let format = output.format.rawValue
      switch output.target {
      case .standardOutput where !output.format.isOneDocument:
        throw .conflict("format \(format) writes one file per image and needs a folder")
      case .file(let path) where !output.format.isOneDocument:
        throw .conflict("format \(format) writes one file per image and needs a folder, not the file \(path)")
      case .file(let path) where path.isEmpty: throw .conflict("the output's path is empty")
      case .file(let path) where FileSystem.isFolder(path):
        throw .conflict("the output \(path) is a folder; format \(format) writes one file")
      case .folder(let path) where path.isEmpty: throw .conflict("the output's path is empty")
      case .folder(let path) where output.format.isOneDocument:
        throw .conflict("format \(format) writes one file and needs a file path, not the folder \(path)")
      case .folder(let path) where FileIdentity(path: path).map { !$0.isFolder } ?? false:
        throw .conflict("the output \(path) is a file, not a folder; format \(format) writes one file per image")
      default: break
      }
    }
    if overlay?.isEmpty == true { throw .conflict("the overlay folder's path is empty") }
    if let overlay, let found = FileIdentity(path: overlay), !found.isFolder {
      throw .conflict("the overlay folder \(overlay) is a file, not a folder")
    }
  }

  /// Checks that the outputs suit their formats and that none would replace an input, a protected file or another
  /// output.
  ///
  /// - Throws: `AnnotationError.conflict` with the paths.
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

  /// A sentence about the state of the outputs after the first failure has ended the run.
  public var remains: String {
    let sentences = outputs.map { output in
      switch (output.format, output.target) {
      case (_, .folder): "the images before it are written"
      case (_, .file(let path)): "\(path) is not written"
      case (.jsonl, .standardOutput): "the lines before it are written"
      case (_, .standardOutput): "the document on standard output is incomplete"
      case (_, .memory): "the document is not finished"
      }
    }
    return sentences.joined(separator: ", ")
  }

  /// Annotates the inputs in order. The next images are decoded during detection.
  ///
  /// If an image fails, the failure is reported and counted, and the run continues with the next image.
  ///
  /// The detections are computed where the call runs, usually on one of the threads that all tasks share. In a program
  /// that must answer meanwhile, run a job in a task with an executor of its own, or detect with a `DetectionPool`.
  ///
  /// - Parameters:
  ///   - inputs: The images.
  ///   - detector: The detector.
  ///   - options: The options of the detector.
  ///   - onEvent: Called with each event in order, one at a time.
  /// - Returns: The numbers of written and failed images.
  /// - Throws: `AnnotationError` if outputs would replace each other or an input, or cannot be written; `SceneError` for
  ///   an option out of range, before anything is written; `CancellationError` if the task was cancelled, even during a
  ///   detection. Documents are then discarded.
  public func run<D: Detector>(
    _ inputs: InputList, detector: D, options: D.Options = D.Options(),
    onEvent: @escaping @Sendable (AnnotationEvent) -> Void = { _ in }
  ) async throws -> AnnotationSummary {
    try validate(against: inputs)
    return try await runValidated(inputs, detector: detector, options: options, onEvent: onEvent)
  }

  /// Annotates inputs against which the job was already validated. The check is slow, since it asks the system about
  /// every file to be written.
  package func runValidated<D: Detector>(
    _ inputs: InputList, detector: D, options: D.Options,
    onEvent: @escaping @Sendable (AnnotationEvent) -> Void
  ) async throws -> AnnotationSummary {
    // Options that are out of range would fail every image, behind outputs that are already replaced.
    _ = try detector.detect([], options: options)
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

  /// Returns the inputs with their image ids. The ids belong to the whole list, even if some images fail.
  private func numbered(_ items: [InputList.Item]) -> (items: [Pipeline.Item], notes: [String]) {
    let names = items.compactMap { item in
      if case .image(let name, _) = item { name } else { nil }
    }
    let known = imageIDs?.ids(of: names) ?? [:]
    var ids = ImageNumbering.ids(of: names, known: known).makeIterator()
    var notes: [String] = []
    if imageIDs != nil, known.count < names.count {
      let count = names.count - known.count
      notes.append("\(count) of \(names.count) images have no existing id and get free numbers")
    }
    let numbered = items.map { item in
      Pipeline.Item(input: item, id: item.path == nil ? nil : ids.next())
    }
    return (numbered, notes)
  }
}
