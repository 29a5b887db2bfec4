import Tensor

/// What one picture's predictions leave to choose from, and the choice (`non_max_suppression` of the repository).
struct Candidates {
  struct Candidate {
    /// In pixels of the network's input.
    var box: Box
    var score: Float
    var classID: Int
  }

  private var candidates: [Candidate] = []

  /// Candidates beyond this many are left out, the worst first.
  private static let limit = 30_000
  /// Moves the boxes of different classes apart, so that one suppression serves all.
  private static let classOffset: Float = 7680

  init(
    _ head: DetectHead, _ maps: [TensorView], classes: Int, _ options: YOLOv5.Options, _ workspace: Workspace
  ) {
    let timer = workspace.timer
    var candidates: [Candidate] = []
    // At a confidence of 0 every score is kept, that of a sigmoid which underflows too.
    let threshold = options.confidence == 0 ? -1 : options.confidence
    head.decode(maps, batch: 0, objectness: threshold, workspace) { values in
      let (halfWidth, halfHeight) = (values[2] / 2, values[3] / 2)
      let box = Box(
        x1: values[0] - halfWidth, y1: values[1] - halfHeight, x2: values[0] + halfWidth, y2: values[1] + halfHeight)
      // Activations that overflow leave boxes that are no numbers.
      guard box.x1 <= box.x2, box.y1 <= box.y2 else { return }
      let objectness = values[4]
      func add(_ classID: Int) {
        let score = values[5 + classID] * objectness
        guard options.common.keeps(score: score), options.classes?.contains(classID) ?? true else { return }
        candidates.append(Candidate(box: box, score: score, classID: classID))
      }
      if options.multiLabel {
        for classID in 0..<classes { add(classID) }
      } else {
        var best = 0
        for classID in 1..<max(classes, 1) where values[5 + classID] * objectness > values[5 + best] * objectness {
          best = classID
        }
        add(best)
      }
    }
    self.candidates = candidates
    timer?.stop("decoding", from: maps[0].shape, to: Shape(height: 1, width: candidates.count, channels: 5 + classes))
  }

  /// The candidates that survive, by falling score.
  func suppressed(_ options: YOLOv5.Options, _ workspace: Workspace) -> [Candidate] {
    var candidates = candidates
    if candidates.count > Self.limit {
      candidates = fallingOrder(candidates.map(\.score)).prefix(Self.limit).map { candidates[$0] }
    }
    let boxes = candidates.map { candidate in
      let offset = options.agnostic ? 0 : Float(candidate.classID) * Self.classOffset
      return Box(
        x1: candidate.box.x1 + offset, y1: candidate.box.y1 + offset, x2: candidate.box.x2 + offset,
        y2: candidate.box.y2 + offset)
    }
    return nonMaximumSuppression(
      boxes, scores: candidates.map(\.score), threshold: options.iou, limit: options.maxDetections, workspace
    ).map { candidates[$0] }
  }
}
