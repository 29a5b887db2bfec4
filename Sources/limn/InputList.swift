import Annotate

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The pictures that the inputs of a command line stand for, in order.
///
/// A folder stands for the files below it that have an image's extension, in byte order of their names; hidden ones are
/// passed over. A file named explicitly is always tried. A picture's name in the results is its path from the deepest
/// folder that holds all inputs.
struct InputList: Sendable, Equatable {
  /// One input: a picture to try, or what stood in the way of finding it.
  enum Item: Sendable, Equatable {
    case image(name: String, path: String)
    case failure(name: String, reason: String)

    /// Where the picture is; nil for a failure.
    var path: String? {
      if case .image(_, let path) = self { path } else { nil }
    }

    /// What makes the picture's file that file; nil for a failure, or where the file has gone.
    var identity: FileIdentity? { path.flatMap(FileIdentity.init(path:)) }
  }

  /// The extensions that a file found in a folder must have to be tried, lower case.
  static let extensions: Set<String> = ["jpg", "jpeg", "png"]

  /// Pictures and failures, in order.
  private(set) var items: [Item] = []
  /// The folder that the names start from.
  private(set) var root = "/"
  /// How many pictures were named again, and left out there.
  private(set) var duplicateCount = 0

  /// Whether there is anything to annotate.
  var hasImages: Bool {
    items.contains { item in
      if case .image = item { true } else { false }
    }
  }

  /// A name in a folder. Two names of one file are two pictures; two ways to one name are one.
  private struct Entry: Hashable {
    let folder: FileIdentity?
    let name: [UInt8]
  }

  private var entries: Set<Entry> = []

  /// Finds the pictures.
  ///
  /// - Parameters:
  ///   - arguments: paths of files and folders, or `-` for a list of them on standard input.
  ///   - excluded: a folder to pass over when it lies in another.
  ///   - standardInput: gives the list, one path a line.
  init(
    _ arguments: [String], excluding excluded: FileIdentity? = nil,
    standardInput: () throws -> [UInt8] = StandardInput.readAll
  ) throws {
    guard let here = Self.workingFolder() else {
      throw CommandError("cannot tell the working folder: \(FileSystem.reason())")
    }
    var folders: [[Substring]] = []
    func add(_ path: String) {
      let identity = FileIdentity(path: path)
      let code = errno
      let parts = Self.parts(of: path, identity, in: here)
      let absolute = "/" + parts.joined(separator: "/")
      guard let identity else {
        folders.append(parts.dropLast())
        items.append(.failure(name: absolute, reason: "\(path): \(FileSystem.reason(code))"))
        return
      }
      if identity.isFolder {
        folders.append(parts)
        let before = items.count + duplicateCount
        var visited: Set = [identity]
        walk(path, identity, absolute: absolute == "/" ? "" : absolute, visited: &visited, excluding: excluded)
        if items.count + duplicateCount == before {
          let reason = "\(path): the folder holds no image (.jpg, .jpeg, .png)"
          items.append(.failure(name: absolute, reason: reason))
        }
      } else {
        folders.append(parts.dropLast())
        append(path: path, absolute: absolute, in: FileIdentity(path: FileSystem.parent(of: path)))
      }
    }
    for argument in arguments {
      if argument == "-" {
        let before = folders.count + items.count
        for line in try standardInput().split(separator: UInt8(ascii: "\n")) {
          let bytes = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
          if bytes.isEmpty { continue }
          if let path = String(validating: bytes, as: UTF8.self), !bytes.contains(0) {
            add(path)
          } else {
            let name = String(decoding: bytes, as: UTF8.self)
            items.append(.failure(name: name, reason: "\(name): the path is not valid UTF-8"))
          }
        }
        if folders.count + items.count == before {
          items.append(.failure(name: "-", reason: "standard input lists no path"))
        }
      } else if argument.isEmpty {
        throw CommandError("an input is empty; give a file, a folder or -")
      } else {
        add(argument)
      }
    }
    nameFromRoot(folders)
  }

  private mutating func append(path: String, absolute: String, in folder: FileIdentity?) {
    let name = absolute.utf8.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
    if entries.insert(Entry(folder: folder, name: name)).inserted {
      items.append(.image(name: absolute, path: path))
    } else {
      duplicateCount += 1
    }
  }

  private mutating func walk(
    _ folder: String, _ identity: FileIdentity, absolute: String, visited: inout Set<FileIdentity>,
    excluding excluded: FileIdentity?
  ) {
    let names: [[UInt8]]
    do {
      names = try Self.entries(of: folder)
    } catch {
      items.append(.failure(name: absolute, reason: "\(folder): \(error)"))
      return
    }
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    for entry in names where entry.first != UInt8(ascii: ".") {
      guard let name = String(validating: entry, as: UTF8.self) else {
        let name = String(decoding: entry, as: UTF8.self)
        if Self.hasImageExtension(name) {
          let reason = "\(prefix)\(name): the name is not valid UTF-8"
          items.append(.failure(name: "\(absolute)/\(name)", reason: reason))
        }
        continue
      }
      if let inner = FileIdentity(path: prefix + name), inner.isFolder {
        // Links may lead round in circles, or to one folder by many ways: each is entered once.
        guard inner != excluded, visited.insert(inner).inserted else { continue }
        walk(prefix + name, inner, absolute: "\(absolute)/\(name)", visited: &visited, excluding: excluded)
      } else if Self.hasImageExtension(name) {
        append(path: prefix + name, absolute: "\(absolute)/\(name)", in: identity)
      }
    }
  }

  /// Shortens the names, absolute so far, to paths from the deepest folder that holds all of `folders`.
  private mutating func nameFromRoot(_ folders: [[Substring]]) {
    entries = []
    guard var common = folders.first else { return }
    for folder in folders {
      common = Array(zip(common, folder).prefix { $0 == $1 }.map(\.0))
    }
    root = "/" + common.joined(separator: "/")
    let prefix = common.isEmpty ? "/" : root + "/"
    func shortened(_ name: String) -> String {
      name.utf8.starts(with: prefix.utf8) ? String(name.utf8.dropFirst(prefix.utf8.count)) ?? name : name
    }
    items = items.map { item in
      switch item {
      case .image(let name, let path): .image(name: shortened(name), path: path)
      case .failure(let name, let reason): .failure(name: shortened(name), reason: reason)
      }
    }
  }

  private static func hasImageExtension(_ name: String) -> Bool {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
    return extensions.contains(name[name.utf8.index(after: dot)...].lowercased())
  }

  /// The parts of the absolute path, without `.` and `..`; links are followed where `..` behind one needs it.
  private static func parts(of path: String, _ identity: FileIdentity?, in folder: String) -> [Substring] {
    let parts = normalised(path, in: folder)
    let given = path.split(separator: "/")
    guard let identity, let up = given.lastIndex(of: ".."),
      FileIdentity(path: "/" + parts.joined(separator: "/")) != identity,
      let resolved = realpath((path.hasPrefix("/") ? "/" : "") + given[...up].joined(separator: "/"), nil)
    else { return parts }
    defer { free(resolved) }
    return normalised(String(cString: resolved) + "/" + given[(up + 1)...].joined(separator: "/"), in: folder)
  }

  /// The parts of the absolute path, without `.` and `..`, links not followed.
  private static func normalised(_ path: String, in folder: String) -> [Substring] {
    var parts: [Substring] = []
    for part in (path.hasPrefix("/") ? path : folder + "/" + path).split(separator: "/") where part != "." {
      if part == ".." {
        _ = parts.popLast()
      } else {
        parts.append(part)
      }
    }
    return parts
  }

  private static func workingFolder() -> String? {
    guard let folder = getcwd(nil, 0) else { return nil }
    defer { free(folder) }
    return String(cString: folder)
  }

  /// The names in a folder, as bytes, in byte order, without `.` and `..`.
  private static func entries(of folder: String) throws(CommandError) -> [[UInt8]] {
    guard let stream = opendir(folder) else { throw CommandError(FileSystem.reason()) }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw CommandError(FileSystem.reason()) }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
      }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
    }
  }
}
