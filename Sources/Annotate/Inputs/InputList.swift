import Files
import Glibc

/// The list of images to annotate, made from paths of files and folders.
///
/// Folders are searched recursively for files with an image's extension, in byte order of their names. Hidden files and
/// folders and the masks of a VOC data set are skipped. A file named explicitly is always included. The name of an
/// image in the results is its path relative to the deepest folder that contains all inputs.
public struct InputList: Sendable, Equatable {
  /// An input: an image, or the reason why a path gives none.
  public enum Item: Sendable, Equatable {
    /// An image: its name in the results and its path.
    case image(name: String, path: String)
    /// An input without an image: its name, and the reason as a sentence that names it.
    case failure(name: String, reason: String)

    /// The path of the image; nil for a failure.
    public var path: String? {
      if case .image(_, let path) = self { path } else { nil }
    }
  }

  /// The images and failures, in order.
  public private(set) var items: [Item] = []
  /// The folder to which the names are relative.
  public private(set) var root = "/"
  /// The number of inputs that repeat an image and were skipped.
  public private(set) var duplicateCount = 0
  /// The number of skipped image files in unsupported formats, by their lower-case extensions.
  public private(set) var foreignCounts: [String: Int] = [:]
  /// The skipped folders with masks of a VOC data set.
  public private(set) var maskFolders: [String] = []

  /// Whether there is at least one image.
  public var hasImages: Bool { items.contains { $0.path != nil } }

  /// A name in a folder. Two names of one file are two images, but two paths to one name are one image.
  private struct Entry: Hashable {
    let folder: FileIdentity?
    let name: [UInt8]
  }

  private var entries: Set<Entry> = []

  /// Finds the images.
  ///
  /// A path without an image is a failure in `items`, not an error.
  ///
  /// - Parameters:
  ///   - paths: The paths of files and folders.
  ///   - excluded: Folders to skip inside other folders, such as those to which the run writes images.
  /// - Throws: `InputError` if the working folder does not exist any more or a path is empty.
  public init(_ paths: [String], excluding excluded: [String] = []) throws(InputError) {
    let result = Result { try InputList(paths, excluding: excluded, list: nil) }
    do { self = try result.get() } catch let error as InputError { throw error } catch { throw InputError("\(error)") }
  }

  /// Finds the images. The path `-` stands for a list of paths, one per line, which `list` returns.
  package init(_ paths: [String], excluding excluded: [String] = [], list: (() throws -> [UInt8])?) throws {
    guard let here = FileSystem.workingFolder else {
      throw InputError("cannot find the working folder: \(FileSystem.reason())")
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
              ? "the list contains a zero byte; it must be UTF-8 text with one path per line"
              : "the path is not valid UTF-8"
            items.append(.failure(name: name, reason: "\(name): \(reason)"))
            // The input is not a list of paths at all.
            if line.contains(0) { break }
            continue
          }
          add(path, here, excluded, &folders)
        }
        if folders.count + items.count == before {
          items.append(.failure(name: "-", reason: "standard input contains no path"))
        }
      } else if path.isEmpty {
        throw InputError("an input is empty; give a file\(list == nil ? " or a folder" : ", a folder or -")")
      } else {
        add(path, here, excluded, &folders)
      }
    }
    nameFromRoot(folders)
  }

  /// Returns the non-empty lines of a list, without a byte order mark at the start and carriage returns at their ends.
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
      let reason = "the folder has no JPEG or PNG image outside hidden and excluded folders"
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
          // Links may form cycles, or several may lead to one folder: each folder is visited once.
          walk(path, inner, absolute: "\(absolute)/\(name)", visited: &visited, excluding: excluded)
        }
      } else if Self.isImage(name) {
        append(path: path, absolute: "\(absolute)/\(name)", in: identity)
      } else if inner == nil, code != ENOENT {
        // It may be a folder of images, so it must not be skipped silently.
        items.append(.failure(name: "\(absolute)/\(name)", reason: "\(path): \(FileSystem.reason(code))"))
      } else if let foreign = Path.fileExtension(of: name), ImageFile.foreignExtensions.contains(foreign) {
        foreignCounts[foreign, default: 0] += 1
      }
    }
  }

  /// Makes the names, which are absolute so far, relative to the deepest folder that contains all of `folders`.
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

  /// Returns the parts of the absolute path without `.` and `..`. Links are followed only if `..` comes after one.
  private static func parts(of path: String, _ identity: FileIdentity?, in folder: String) -> [[UInt8]] {
    let parts = normalised(path, in: folder)
    let given = Path.parts(of: path)
    guard let identity, let up = given.lastIndex(of: ".."), FileIdentity(path: Self.path(parts)) != identity,
      let resolved = FileSystem.resolved((path.utf8.first == slash ? "/" : "") + given[...up].joined(separator: "/"))
    else { return parts }
    return normalised(resolved + "/" + given[(up + 1)...].joined(separator: "/"), in: folder)
  }

  /// Returns the parts of the absolute path without `.` and `..`. Links are not followed.
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

  /// Returns the names in a folder as bytes, in byte order, without `.` and `..`.
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

/// An error that prevents the list of inputs from being made.
public struct InputError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The error as a sentence for the user.
  public let description: String

  /// Makes an error from its sentence.
  init(_ description: String) { self.description = description }
}
