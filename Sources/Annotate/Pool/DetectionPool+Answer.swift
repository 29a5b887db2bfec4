import Scenes

extension DetectionPool {
  /// The detections in an image, and the time they took.
  ///
  /// The coded form is that of an image in the format `json`, in full precision, without the name and with `times`.
  public struct Answer: Sendable, Hashable, Codable {
    /// The width of the image in pixels, with its orientation applied.
    public var width: Int
    /// The height of the image in pixels, with its orientation applied.
    public var height: Int
    /// The detections, in the order of the detector.
    public var detections: [Detection]
    /// The time of each step.
    public var times: Times

    /// Makes an answer.
    public init(width: Int, height: Int, detections: [Detection], times: Times = Times()) {
      self.width = width
      self.height = height
      self.detections = detections
      self.times = times
    }
  }

  /// The time of each step of a detection.
  ///
  /// The coded form is an object of milliseconds: `{"waiting_ms": 12.5, "decoding_ms": 3.25, "detecting_ms": 80}`.
  public struct Times: Sendable, Hashable, Codable {
    /// The time from the call until a thread of the pool began to process it.
    public var waiting: Duration
    /// The time of decoding the file; zero for an image that was already decoded.
    public var decoding: Duration
    /// The time of the detector.
    public var detecting: Duration

    /// Makes times, by default zero.
    public init(waiting: Duration = .zero, decoding: Duration = .zero, detecting: Duration = .zero) {
      self.waiting = waiting
      self.decoding = decoding
      self.detecting = detecting
    }

    private enum CodingKeys: String, CodingKey {
      case waiting = "waiting_ms"
      case decoding = "decoding_ms"
      case detecting = "detecting_ms"
    }

    /// Reads milliseconds.
    ///
    /// - Throws: `DecodingError.dataCorrupted` for a time outside 0 to 3.2e13 ms, about a thousand years.
    public init(from decoder: any Decoder) throws {
      let times = try decoder.container(keyedBy: CodingKeys.self)
      func duration(_ key: CodingKeys) throws -> Duration {
        let milliseconds = try times.decode(Double.self, forKey: key)
        // `Duration` traps for much larger numbers.
        guard (0...3.2e13).contains(milliseconds) else {
          throw DecodingError.dataCorruptedError(
            forKey: key, in: times, debugDescription: "a time must be 0 to 3.2e13 milliseconds, got \(milliseconds)")
        }
        return .milliseconds(milliseconds)
      }
      self.init(
        waiting: try duration(.waiting), decoding: try duration(.decoding), detecting: try duration(.detecting))
    }

    /// Writes milliseconds.
    public func encode(to encoder: any Encoder) throws {
      var times = encoder.container(keyedBy: CodingKeys.self)
      try times.encode(waiting / .milliseconds(1), forKey: .waiting)
      try times.encode(decoding / .milliseconds(1), forKey: .decoding)
      try times.encode(detecting / .milliseconds(1), forKey: .detecting)
    }
  }

  /// The number of detections that run and wait at a moment.
  public struct Load: Sendable, Hashable, Codable {
    /// The number of detections that run or are about to run.
    public var running: Int
    /// The number of detections that wait.
    public var waiting: Int

    /// Makes a load.
    public init(running: Int, waiting: Int) {
      self.running = running
      self.waiting = waiting
    }
  }
}
