import Files

/// The files that a run will write. None of them may be an input, a protected file or another planned file.
struct OutputPlan {
  /// The purpose of a file.
  enum Purpose {
    /// A document, or a table of a folder, and the index of its output.
    case document(format: AnnotationFormat, Int)
    /// The annotations of the image at a path, and the index of their output.
    case annotations(of: String, Int)
    /// The overlay of the image at a path.
    case overlay(of: String)
    /// The folder of the overlays.
    case overlayFolder
    /// A folder that may contain only masks.
    case maskFolder

    var description: String {
      switch self {
      case .document(let format, _): "the output of format \(format.rawValue)"
      case .annotations(let path, _): "the annotations of \(path)"
      case .overlay(let path): "the overlay of \(path)"
      case .overlayFolder: "the overlay folder"
      case .maskFolder: "a folder of masks"
      }
    }
  }

  /// The identity of a file that exists or not. Two paths with equal places are one file.
  private enum Place: Hashable {
    case file(FileIdentity)
    case missing(below: FileIdentity?, rest: [[UInt8]])
  }

  private let sources: Set<FileIdentity>
  private let protected: [(file: FileIdentity, role: String)]
  private var planned: [Place: Purpose] = [:]
  /// The places of folders by path.
  private var folders: [String: Place] = [:]

  init(inputs: InputList, protected: [AnnotationJob.ProtectedFile]) {
    sources = Set(inputs.items.compactMap { $0.path.flatMap(FileIdentity.init(path:)) })
    self.protected = protected.compactMap { file in
      FileIdentity(path: file.path).map { (file: $0, role: file.role) }
    }
  }

  /// Adds a file to the plan.
  ///
  /// - Throws: `AnnotationError.conflict` if it would replace an input, a protected file or another planned file.
  mutating func add(_ path: String, _ purpose: Purpose) throws(AnnotationError) {
    let place = place(of: path)
    if case .file(let file) = place {
      if sources.contains(file) {
        throw .conflict("\(purpose.description), \(path), would replace one of the images")
      }
      if let found = protected.first(where: { $0.file == file }) {
        throw .conflict("\(purpose.description), \(path), would replace \(found.role)")
      }
      // Writing to a pipe or a device replaces nothing.
      if !file.isRegular, !file.isFolder { return }
    }
    guard let other = planned.updateValue(purpose, forKey: place) else { return }
    // The writer refuses the second image, which then counts as a failed input.
    if case (.annotations(_, let a), .annotations(_, let b)) = (purpose, other), a == b { return }
    throw .conflict("\(other.description) and \(purpose.description) would both be \(path)")
  }

  private mutating func place(of path: String) -> Place {
    if let file = FileIdentity(path: path) { return .file(file) }
    let parent = Path.parent(of: path)
    guard parent != path else { return .missing(below: nil, rest: [Array(path.utf8)]) }
    let folder = folders[parent] ?? place(of: parent)
    folders[parent] = folder
    let name = Array(Path.lastPart(of: path).utf8)
    if name.isEmpty || name.elementsEqual(".".utf8) { return folder }
    switch folder {
    case .file(let folder): return .missing(below: folder, rest: [name])
    // A missing folder is no link, so its parent is the folder in which it will be made.
    case .missing(let below, let rest) where name.elementsEqual("..".utf8):
      if rest.count == 1, let below { return .file(below) }
      return .missing(below: below, rest: rest.dropLast())
    case .missing(let below, let rest): return .missing(below: below, rest: rest + [name])
    }
  }
}
