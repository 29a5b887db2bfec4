import Scenes
import Synchronization

/// The time of one operator in a profiled call.
public struct OperatorTime: Sendable, Hashable {
  /// The operator's name, such as `convolution 3x3/2` for a kernel of 3×3 and stride 2.
  public let name: String
  /// The algorithm that computed it, such as `Winograd`; empty where there is only one.
  public let algorithm: String
  /// The shape of the input; images have 3 channels.
  public let input: Shape
  /// The shape of the output.
  public let output: Shape
  /// The number of multiply-adds by the operator's definition, whatever the algorithm; 0 for operators that are not
  /// measured by them.
  public let multiplyAdds: Int
  /// The wall-clock time from the operator's start to its end, in seconds.
  public let seconds: Double
}

extension Engine {
  /// Runs `body` and measures each operator that this engine, or a copy of it, runs meanwhile.
  ///
  /// Operators of other tasks that use the engine at that time are included. Nothing is measured outside of this call.
  ///
  /// - Returns: The result of `body`, and the times in the order in which the operators ended.
  /// - Throws: Whatever `body` throws.
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

/// The times of one call of `Engine.profile`.
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

/// Measures one operator of a profiled call.
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
  /// A timer that has started, or nil when nothing is profiled.
  package var timer: OperatorTimer? { profiles.isEmpty ? nil : OperatorTimer(profiles) }

  /// The workspace for the parts of an operator that is timed as a whole.
  var unprofiled: Workspace {
    var workspace = self
    workspace.profiles = []
    return workspace
  }
}

extension Image {
  /// The image's shape, `[1, H, W, 3]`.
  package var shape: Shape { Shape(height: height, width: width, channels: 3) }
}
