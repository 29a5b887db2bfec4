import Files
import Glibc

/// The images that paths stand for, in order.
///
/// A folder stands for the files below it that have an image's extension, in byte order of their names; hidden ones are
/// passed over, as are the masks of a VOC data set. A file named explicitly is always tried. An image's name in the
/// results is its path from the deepest folder that holds all inputs.
public struct InputList: Sendable, Equatable {
  /// One input: an image to try, or what stood in the way of finding it.
  public enum Item: Sendable, Equatable {
    /// An image: its name in the results, and where it is.
    case image(name: String, path: String)
    /// What could not be found, and why; the reason names it.
    case failure(name: String, reason: String)

    /// Where the image is; nil for a failure.
    public var path: String? {
      if case .image(_, let path) = self { path } else { nil }
    }
  }

  /// Images and failures, in order.
  public private(set) var items: [Item] = []
  /// The folder that the names start from.
  public private(set) var root = "/"
  /// How many images were named again, and left out there.
  public private(set) var duplicateCount = 0
  /// How many image files of formats that are not read were passed over, by their extensions in lower case.
  public private(set) var foreignCounts: [String: Int] = [:]
  /// The folders of VOC's masks that were passed over.
  public private(set) var maskFolders: [String] = []

  /// Whether there is anything to annotate.
  public var hasImages: Bool { items.contains { $0.path != nil } }

  /// A name in a folder. Two names of one file are two images; two ways to one name are one.
  private struct Entry: Hashable {
    let folder: FileIdentity?
    let name: [UInt8]
  }

  private var entries: Set<Entry> = []

  /// Finds the images.
  ///
  /// - Parameters:
  ///   - paths: paths of files and folders.
  ///   - excluded: folders to pass over where they lie in others: those that the run writes images to.
  /// - Throws: `InputError` where the working folder has gone, or a path is empty.
  public init(_ paths: [String], excluding excluded: [String] = []) throws(InputError) {
    let result = Result { try InputList(paths, excluding: excluded, list: nil) }
    do { self = try result.get() } catch let error as InputError { throw error } catch { throw InputError("\(error)") }
  }

  /// Finds the images; `-` stands for a list of paths, one a line, that a closure gives.
  package init(_ paths: [String], excluding excluded: [String] = [], list: (() throws -> [UInt8])?) throws {
    guard let here = FileSystem.workingFolder else {
      throw InputError("cannot tell the working folder: \(FileSystem.reason())")
    }
    let excluded = Set(excluded.compactMap(FileIdentity.init(path:)))
    var folders: [[[UInt8]]] = []
    for path in paths {
      if path == "-", let list {
        let before = folders.count + items.count
        for line in Self.lines(of: try list()) {
          guard let path = String(validating: line, as: UTF8.self), !line.contains(0) else {
            let name = String(decoding: line.prefix(200), as: UTF8.self)
            let reason =
              line.contains(0)
              ? "a zero byte is in the list; give it in UTF-8, one path a line" : "the path is not valid UTF-8"
            items.append(.failure(name: name, reason: "\(name): \(reason)"))
            // Whatever it is, it is no list of paths.
            if line.contains(0) { break }
            continue
          }
          add(path, here, excluded, &folders)
        }
        if folders.count + items.count == before {
          items.append(.failure(name: "-", reason: "standard input lists no path"))
        }
      } else if path.isEmpty {
        throw InputError("an input is empty; give a file\(list == nil ? " or a folder" : ", a folder or -")")
      } else {
        add(path, here, excluded, &folders)
      }
    }
    nameFromRoot(folders)
  }

  /// The lines of a list that are not empty, without a byte order mark at its head and returns at their ends.
  private static func lines(of list: [UInt8]) -> [ArraySlice<UInt8>] {
    list.withoutByteOrderMark.split(separator: UInt8(ascii: "\n"))
      .map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }.filter { !$0.isEmpty }
  }

  private mutating func add(
    _ path: String, _ here: String, _ excluded: Set<FileIdentity>, _ folders: inout [[[UInt8]]]
  ) {
    let identity = FileIdentity(path: path)
    let code = errno
    let parts = Self.parts(of: path, identity, in: here)
    let absolute = Self.path(parts)
    guard let identity else {
      folders.append(parts.dropLast())
      items.append(.failure(name: absolute, reason: "\(path): \(FileSystem.reason(code))"))
      return
    }
    guard identity.isFolder else {
      folders.append(parts.dropLast())
      append(path: path, absolute: absolute, in: FileIdentity(path: Path.parent(of: path)))
      return
    }
    folders.append(parts)
    let before = items.count + duplicateCount
    var visited: Set = [identity]
    walk(path, identity, absolute: absolute == "/" ? "" : absolute, visited: &visited, excluding: excluded)
    if items.count + duplicateCount == before {
      let reason = "the folder holds no image that is read (JPEG or PNG) outside hidden and excluded folders"
      items.append(.failure(name: absolute, reason: "\(path): \(reason)"))
    }
  }

  private mutating func append(path: String, absolute: String, in folder: FileIdentity?) {
    if entries.insert(Entry(folder: folder, name: Array(Path.lastPart(of: absolute).utf8))).inserted {
      items.append(.image(name: absolute, path: path))
    } else {
      duplicateCount += 1
    }
  }

  private mutating func walk(
    _ folder: String, _ identity: FileIdentity, absolute: String, visited: inout Set<FileIdentity>,
    excluding excluded: Set<FileIdentity>
  ) {
    let names: [[UInt8]]
    do throws(InputError) {
      names = try Self.entries(of: folder)
    } catch {
      items.append(.failure(name: absolute, reason: "\(folder): \(error)"))
      return
    }
    let isVOC = names.contains(Array("labelmap.txt".utf8)) || names.contains(Array(VOCFolders.annotations.utf8))
    for entry in names where entry.first != UInt8(ascii: ".") {
      guard let name = String(validating: entry, as: UTF8.self) else {
        let name = String(decoding: entry, as: UTF8.self)
        if Self.isImage(name) {
          let reason = "\(Path.joined(folder, name)): the name is not valid UTF-8"
          items.append(.failure(name: "\(absolute)/\(name)", reason: reason))
        }
        continue
      }
      let path = Path.joined(folder, name)
      let inner = FileIdentity(path: path)
      let code = errno
      if let inner, inner.isFolder {
        if isVOC, [VOCFolders.classMasks, VOCFolders.objectMasks].contains(name) {
          maskFolders.append(path)
        } else if !excluded.contains(inner), visited.insert(inner).inserted {
          // Links may lead round in circles, or to one folder by many ways: each is entered once.
          walk(path, inner, absolute: "\(absolute)/\(name)", visited: &visited, excluding: excluded)
        }
      } else if Self.isImage(name) {
        append(path: path, absolute: "\(absolute)/\(name)", in: identity)
      } else if inner == nil, code != ENOENT {
        // It may be a folder of images: not to be passed over without a word.
        items.append(.failure(name: "\(absolute)/\(name)", reason: "\(path): \(FileSystem.reason(code))"))
      } else if let foreign = Path.fileExtension(of: name), ImageFile.foreignExtensions.contains(foreign) {
        foreignCounts[foreign, default: 0] += 1
      }
    }
  }

  /// Shortens the names, absolute so far, to paths from the deepest folder that holds all of `folders`.
  private mutating func nameFromRoot(_ folders: [[[UInt8]]]) {
    entries = []
    guard var common = folders.first else { return }
    for folder in folders {
      common = Array(zip(common, folder).prefix { $0 == $1 }.map(\.0))
    }
    root = Self.path(common)
    let prefix = common.isEmpty ? "/" : root + "/"
    func shortened(_ name: String) -> String {
      guard name.utf8.starts(with: prefix.utf8) else { return name }
      return String(decoding: name.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }
    items = items.map { item in
      switch item {
      case .image(let name, let path): .image(name: shortened(name), path: path)
      case .failure(let name, let reason): .failure(name: shortened(name), reason: reason)
      }
    }
  }

  private static func isImage(_ name: String) -> Bool {
    Path.fileExtension(of: name).map(ImageFile.extensions.contains) ?? false
  }

  private static func path(_ parts: [[UInt8]]) -> String {
    "/" + parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
  }

  /// The parts of the absolute path, without `.` and `..`; links are followed where `..` behind one needs it.
  private static func parts(of path: String, _ identity: FileIdentity?, in folder: String) -> [[UInt8]] {
    let parts = normalised(path, in: folder)
    let given = Path.parts(of: path)
    guard let identity, let up = given.lastIndex(of: ".."), FileIdentity(path: Self.path(parts)) != identity,
      let resolved = FileSystem.resolved((path.utf8.first == slash ? "/" : "") + given[...up].joined(separator: "/"))
    else { return parts }
    return normalised(resolved + "/" + given[(up + 1)...].joined(separator: "/"), in: folder)
  }

  /// The parts of the absolute path, without `.` and `..`, links not followed.
  private static func normalised(_ path: String, in folder: String) -> [[UInt8]] {
    var parts: [[UInt8]] = []
    for part in (path.utf8.first == slash ? path : folder + "/" + path).utf8.split(separator: slash)
    where !part.elementsEqual(".".utf8) {
      if part.elementsEqual("..".utf8) {
        _ = parts.popLast()
      } else {
        parts.append(Array(part))
      }
    }
    return parts
  }

  private static let slash = UInt8(ascii: "/")

  /// The names in a folder, as bytes, in byte order, without `.` and `..`.
  private static func entries(of folder: String) throws(InputError) -> [[UInt8]] {
    guard let stream = opendir(folder) else { throw InputError(FileSystem.reason()) }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw InputError(FileSystem.reason()) }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
      }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
    }
  }
}

/// Why inputs could not be listed at all.
public struct InputError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The sentence to show.
  public let description: String

  /// Makes an error from its sentence.
  init(_ description: String) { self.description = description }
}
