import Scenes

extension DetectionPool {
  /// What a pool found in an image, and how long it took.
  ///
  /// The coded form is the object that the format `json` has for an image, without the name, in full precision, and its
  /// `times`.
  public struct Answer: Sendable, Hashable, Codable {
    /// Width of the image in pixels, its orientation applied.
    public var width: Int
    /// Height of the image in pixels, its orientation applied.
    public var height: Int
    /// The objects, as the detector gives them.
    public var detections: [Detection]
    /// How long it took.
    public var times: Times

    /// Makes an answer.
    public init(width: Int, height: Int, detections: [Detection], times: Times = Times()) {
      self.width = width
      self.height = height
      self.detections = detections
      self.times = times
    }
  }

  /// How long the steps of one detection took.
  ///
  /// The coded form is an object of milliseconds: `{"waiting_ms": 12.5, "decoding_ms": 3.25, "detecting_ms": 80}`.
  public struct Times: Sendable, Hashable, Codable {
    /// From the call until a thread of the pool began with it.
    public var waiting: Duration
    /// Decoding the file; zero for an image that came decoded.
    public var decoding: Duration
    /// Finding the objects.
    public var detecting: Duration

    /// Makes times, zero unless they are given.
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
    /// - Throws: `DecodingError.dataCorrupted` for a time that is negative or longer than a thousand years.
    public init(from decoder: any Decoder) throws {
      let times = try decoder.container(keyedBy: CodingKeys.self)
      func duration(_ key: CodingKeys) throws -> Duration {
        let milliseconds = try times.decode(Double.self, forKey: key)
        // Beyond, `Duration` would trap.
        guard (0...3.2e13).contains(milliseconds) else {
          throw DecodingError.dataCorruptedError(
            forKey: key, in: times, debugDescription: "a time is 0 to 3.2e13 milliseconds, got \(milliseconds)")
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

  /// How many detections run and wait at one moment.
  public struct Load: Sendable, Hashable, Codable {
    /// Detections that run, or whose turn has come.
    public var running: Int
    /// Detections that wait for their turn.
    public var waiting: Int

    /// Makes a load.
    public init(running: Int, waiting: Int) {
      self.running = running
      self.waiting = waiting
    }
  }
}
