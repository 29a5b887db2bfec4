import Annotate

/// Hints for command lines that another tool would take, and what a user can do about an error of the library, which
/// knows nothing of commands.
enum Advice {
  /// What the user wants to do with a weight file.
  enum Purpose {
    case annotating
    case quantizing
  }

  /// The error's sentence, with the command that helps where there is one.
  static func explained(_ error: any Error, for purpose: Purpose) -> String {
    switch error {
    case WeightFileError.otherNetwork(_, .supported(let found), _?):
      switch purpose {
      case .annotating: "\(error); use `limn \(found.command)`"
      case .quantizing: "\(error), and there is no int8 for it"
      }
    case WeightFileError.uncalibrated: "\(error); `limn weights quantize` calibrates it"
    default: "\(error)"
    }
  }

  /// The names of options in the scripts of YOLOv5 and Ultralytics, and what they are here.
  private static let options: [String: String] = [
    "conf": "--confidence", "conf-thres": "--confidence", "conf_thres": "--confidence", "threshold": "--confidence",
    "iou-thres": "--iou", "iou_thres": "--iou", "nms": "--iou", "overlap": "--iou", "max-det": "--max-detections",
    "max_det": "--max-detections", "img": "--size", "imgsz": "--size", "img-size": "--size", "out": "--output",
    "output-dir": "--output", "save-dir": "--output", "project": "--output", "model": "--weights", "names": "--labels",
    "agnostic-nms": "--agnostic", "half": "--precision bfloat16", "save": "--overlay", "save-txt": "--format yolo",
    "save_txt": "--format yolo",
  ]

  /// The message with a better hint, where the argument parser names an option that it does not know.
  ///
  /// The parser suggests whatever option is spelled most alike, for `--conf` it is `--iou`: a hint that changes another
  /// threshold is worse than none. A hint stays where one of the two names begins with the other.
  static func improved(_ message: String) -> String {
    let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, let start = first.firstRange(of: "Unknown option '"),
      let end = first[start.upperBound...].firstIndex(of: "'")
    else { return message }
    let option = first[start.upperBound..<end]
    let name = option.drop { $0 == "-" }
    var sentence = first[...end]
    if let known = options[String(name)] {
      sentence += ". Did you mean '\(known)'?"
    } else if let hint = first.firstRange(of: "Did you mean '"),
      case let suggested = first[hint.upperBound...].prefix(while: { $0 != "'" }),
      isAlike(name, suggested.drop { $0 == "-" })
    {
      sentence += ". Did you mean '\(suggested)'?"
    }
    return ([sentence] + lines.dropFirst()).joined(separator: "\n")
  }

  /// Whether one is a slip of the other: the same but for the end, or one letter more, less, other or exchanged.
  private static func isAlike(_ name: Substring, _ other: Substring) -> Bool {
    if name.count >= 3, other.hasPrefix(name) || name.hasPrefix(other) { return true }
    guard min(name.count, other.count) >= 3 else { return false }
    return ClassFilter.editDistance(String(name), String(other)) <= 1 || isTransposed(name, other)
  }

  /// Whether two neighbouring letters are exchanged.
  private static func isTransposed(_ name: Substring, _ other: Substring) -> Bool {
    let (a, b) = (Array(name), Array(other))
    guard a.count == b.count, let first = a.indices.first(where: { a[$0] != b[$0] }), first + 1 < a.count else {
      return false
    }
    var exchanged = a
    exchanged.swapAt(first, first + 1)
    return exchanged == b
  }

  /// The sentence for a first argument that is no command; nil for one that may be.
  static func unknownCommand(_ arguments: [String], commands: [String]) -> String? {
    guard let first = arguments.first, !first.hasPrefix("-"), first != "help", !commands.contains(first) else {
      return nil
    }
    let alike = commands.first { isAlike(first[...], $0[...]) }
    let hint = alike.map { "did you mean \($0)? " } ?? ""
    return
      "there is no command '\(first)'; \(hint)\(alike == nil ? "the" : "The") commands are \(commands.joined(separator: ", "))"
  }
}

extension Architecture {
  /// The command that runs the network.
  var command: String {
    switch output {
    case .boxes: "detect"
    case .masks: "segment"
    }
  }
}
