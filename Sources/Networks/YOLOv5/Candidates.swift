import Tensor

/// What one picture's predictions leave to choose from, and the choice (`non_max_suppression` of the repository), in the
/// memory of a call.
struct Candidates {
  struct Candidate {
    /// In pixels of the network's input.
    var box: Box
    var score: Float
    var classID: Int
  }

  private var list: ArenaList<Candidate>

  /// Candidates beyond this many are left out, the worst first.
  private static let limit = 30_000
  /// Moves the boxes of different classes apart, so that one suppression serves all.
  private static let classOffset: Float = 7680

  init(
    _ head: DetectHead, _ maps: [TensorView], classes: Int, _ options: YOLOv5.Options, _ workspace: Workspace
  ) {
    let timer = workspace.timer
    var list = workspace.arena.list(of: Candidate.self)
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
        list.append(Candidate(box: box, score: score, classID: classID))
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
    self.list = list
    timer?.stop(
      "decoding", from: maps[0].shape, to: Shape(height: 1, width: list.values.count, channels: 5 + classes))
  }

  /// The candidates that survive, by falling score.
  func suppressed(_ options: YOLOv5.Options, _ workspace: Workspace) -> UnsafeMutableBufferPointer<Candidate> {
    var candidates = list.values
    if candidates.count > Self.limit {
      let all = candidates
      let best = fallingOrder(all.count, workspace) { all[$0].score }
      candidates = workspace.arena.values(count: Self.limit) { all[best[$0]] }
    }
    let kept = nonMaximumSuppression(
      count: candidates.count, threshold: options.iou, limit: options.maxDetections, workspace
    ) { index in
      let offset = options.agnostic ? 0 : Float(candidates[index].classID) * Self.classOffset
      let box = candidates[index].box
      return Box(x1: box.x1 + offset, y1: box.y1 + offset, x2: box.x2 + offset, y2: box.y2 + offset)
    } score: {
      candidates[$0].score
    }
    return workspace.arena.values(count: kept.count) { candidates[kept[$0]] }
  }
}
