import Tensor

/// The candidates of one image's predictions, and their non-maximum suppression, in the memory of a call. Matches
/// `non_max_suppression` of the YOLOv5 repository.
struct Candidates {
  struct Candidate {
    /// The box, in pixels of the network's input.
    var box: Box
    var score: Float
    var classID: Int
  }

  private var list: ArenaList<Candidate>

  /// The largest number of candidates; of more, those with the lowest scores are dropped.
  private static let limit = 30_000
  /// The offset between the boxes of consecutive classes, so that one suppression serves all classes.
  private static let classOffset: Float = 7680

  init(
    _ head: DetectHead, _ maps: [TensorView], classes: Int, _ options: YOLOv5.Options, _ workspace: Workspace
  ) {
    let timer = workspace.timer
    var list = workspace.arena.list(of: Candidate.self)
    // With a confidence of 0 every score is kept, also one whose sigmoid underflows.
    let threshold = options.confidence == 0 ? -1 : options.confidence
    head.decode(maps, batch: 0, objectness: threshold, workspace) { values in
      let (halfWidth, halfHeight) = (values[2] / 2, values[3] / 2)
      let box = Box(
        x1: values[0] - halfWidth, y1: values[1] - halfHeight, x2: values[0] + halfWidth, y2: values[1] + halfHeight)
      // Activations that overflow give boxes with NaN.
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

  /// The candidates that remain after suppression, by falling score.
  func suppressed(_ options: YOLOv5.Options, _ workspace: Workspace) -> UnsafeMutableBufferPointer<Candidate> {
    var candidates = list.values
    if candidates.count > Self.limit {
      let all = candidates
      let best = fallingOrder(all.count, workspace) { all[$0].score }
      candidates = workspace.arena.values(count: Self.limit) { all[best[$0]] }
    }
    let kept = NonMaximumSuppression.kept(
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
