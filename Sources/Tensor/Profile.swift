import Scenes
import Synchronization

/// What one operator of a call took.
public struct OperatorTime: Sendable, Hashable {
  /// The operator: `convolution 3x3/2` is one of 3×3 with stride 2.
  public let name: String
  /// How it was computed, where there are several ways.
  public let algorithm: String
  /// What went in; pictures have 3 channels.
  public let input: Shape
  /// What came out.
  public let output: Shape
  /// The multiply-adds of the plain definition, however many the algorithm needs; 0 where they are not what counts.
  public let multiplyAdds: Int
  /// Seconds from its start to its end, on all threads together.
  public let seconds: Double
}

extension Engine {
  /// Runs `body` and says what each operator took that this engine or a copy of it ran meanwhile, in the order in which
  /// they ended.
  ///
  /// Calls that other tasks make on the engine at that time are among them. Without a profile nothing is measured.
  public func profile<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> (result: Result, times: [OperatorTime]) {
    let profile = Profile()
    profiles.add(profile)
    defer { profiles.remove(profile) }
    let result = try body()
    return (result, profile.times)
  }
}

/// The times of one `Engine.profile`.
package final class Profile: Sendable {
  private let recorded = Mutex<[OperatorTime]>([])

  fileprivate var times: [OperatorTime] { recorded.withLock { $0 } }

  fileprivate func record(_ time: OperatorTime) { recorded.withLock { $0.append(time) } }
}

/// The profiles that an engine and its copies write to.
final class ProfileList: Sendable {
  private let count = Atomic<Int>(0)
  private let profiles = Mutex<[Profile]>([])

  var current: [Profile] {
    count.load(ordering: .acquiring) == 0 ? [] : profiles.withLock { $0 }
  }

  func add(_ profile: Profile) {
    profiles.withLock { $0.append(profile) }
    count.add(1, ordering: .releasing)
  }

  func remove(_ profile: Profile) {
    count.subtract(1, ordering: .releasing)
    profiles.withLock { $0.removeAll { $0 === profile } }
  }
}

/// Measures one operator of a call that is profiled.
package struct OperatorTimer {
  private let profiles: [Profile]
  private let start = ContinuousClock.now

  fileprivate init(_ profiles: [Profile]) { self.profiles = profiles }

  /// Records the time since the timer was made.
  package func stop(
    _ name: String, algorithm: String = "", from input: Shape, to output: Shape, multiplyAdds: Int = 0
  ) {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let time = OperatorTime(
      name: name, algorithm: algorithm, input: input, output: output, multiplyAdds: multiplyAdds, seconds: seconds)
    for profile in profiles { profile.record(time) }
  }
}

extension Workspace {
  /// A timer that has begun, nil when nothing is profiled.
  package var timer: OperatorTimer? { profiles.isEmpty ? nil : OperatorTimer(profiles) }

  /// The workspace for operators inside one that is timed as a whole.
  var unprofiled: Workspace {
    var workspace = self
    workspace.profiles = []
    return workspace
  }
}

extension Image {
  /// Rows, columns and the 3 channels.
  package var shape: Shape { Shape(height: height, width: width, channels: 3) }
}
