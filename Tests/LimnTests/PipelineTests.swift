import Annotate
import Dispatch
import Foundation
import Synchronization
import Testing

@testable import limn

@Suite struct PipelineTests {
  private func pipeline(_ detector: FakeDetector = FakeDetector()) -> Pipeline<FakeDetector> {
    Pipeline(detector: detector, options: .init(), decode: Fakes.decode)
  }

  @Test func resultsKeepTheOrderOfTheInputs() async throws {
    var pipeline = pipeline()
    pipeline.decode = { path in
      usleep(UInt32.random(in: 0...3000))
      return try Fakes.decode(path)
    }
    let log = Log()
    var reporter = Fakes.reporter()
    let names = (20..<60).map { "\($0).jpg" }
    let outcome = try await pipeline.run(Fakes.items(names), into: LogWriter(log: log), reporter: &reporter)
    #expect(log.all == (20..<60).map { "\($0).jpg \($0) 1" } + ["finished"])
    #expect(outcome == .init(writtenCount: 40, failureCount: 0, isComplete: true))
  }

  @Test func oneBadFileDoesNotStopTheRest() async throws {
    let log = Log()
    let messages = Log()
    var reporter = Fakes.reporter(messages)
    var items = Fakes.items(["1.jpg", "bad.jpg", "13.jpg", "99.jpg", "2.jpg"])
    items.insert(.failure(name: "gone.jpg", reason: "gone.jpg: No such file or directory"), at: 1)
    let outcome = try await pipeline().run(items, into: LogWriter(log: log), reporter: &reporter)
    #expect(
      log.all == [
        "1.jpg 1 1", "gone.jpg: gone.jpg: No such file or directory", "bad.jpg: /pictures/bad.jpg: no number",
        "13.jpg: /pictures/13.jpg: width 13 is unlucky", "99.jpg: /pictures/99.jpg: not in this format", "2.jpg 2 1",
        "finished",
      ])
    #expect(outcome == .init(writtenCount: 2, failureCount: 4, isComplete: true))
    #expect(
      messages.all == [
        "limn: gone.jpg: No such file or directory\n", "limn: /pictures/bad.jpg: no number\n",
        "limn: /pictures/13.jpg: width 13 is unlucky\n", "limn: /pictures/99.jpg: not in this format\n",
      ])
  }

  @Test func everyPictureIsSeenWithItsDetections() async throws {
    let seen = Log()
    var pipeline = pipeline()
    pipeline.observe = { image, detections in seen.append("\(image.width) \(detections.count)") }
    var reporter = Fakes.reporter()
    let items = Fakes.items(["1.jpg", "bad.jpg", "13.jpg", "2.jpg"])
    _ = try await pipeline.run(items, into: LogWriter(log: Log()), reporter: &reporter)
    #expect(seen.all == ["1 1", "2 1"])
  }

  @Test func theWritersNotesAreShownAtTheEnd() async throws {
    let messages = Log()
    var reporter = Fakes.reporter(messages)
    let writer = LogWriter(log: Log(), notes: ["2 masks lost", "1 box lost"])
    _ = try await pipeline().run(Fakes.items(["1.jpg"]), into: writer, reporter: &reporter)
    #expect(messages.all == ["limn: 2 masks lost\n", "limn: 1 box lost\n"])
  }

  @Test func noMoreThanTheBoundIsDecodedAhead() async throws {
    let alive = Counter()
    var pipeline = pipeline(
      FakeDetector(onDetect: { _ in
        usleep(2000)
        alive.add(-1)
      }))
    pipeline.decode = { path in
      alive.add(1)
      return try Fakes.decode(path)
    }
    var reporter = Fakes.reporter()
    let names = (100..<160).map { "\($0).jpg" }
    _ = try await pipeline.run(Fakes.items(names), into: LogWriter(log: Log()), reporter: &reporter)
    #expect(alive.most <= pipeline.lookahead + 1)
    #expect(alive.most >= 2)
  }

  @Test(.enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1, "needs two processors"))
  func decodingGoesOnDuringDetection() async throws {
    let secondDecoded = DispatchSemaphore(value: 0)
    let overlapped = Log()
    var pipeline = pipeline(
      FakeDetector(onDetect: { image in
        guard image.width == 1 else { return }
        overlapped.append(secondDecoded.wait(timeout: .now() + 10) == .success ? "overlapped" : "timed out")
      }))
    pipeline.decode = { path in
      if path.hasSuffix("/2.jpg") { secondDecoded.signal() }
      return try Fakes.decode(path)
    }
    var reporter = Fakes.reporter()
    _ = try await pipeline.run(Fakes.items(["1.jpg", "2.jpg"]), into: LogWriter(log: Log()), reporter: &reporter)
    #expect(overlapped.all == ["overlapped"])
  }

  @Test func failFastStopsAndDiscardsTheDocument() async throws {
    let folder = try ScratchFolder()
    var pipeline = pipeline()
    pipeline.failFast = true
    var reporter = Fakes.reporter()
    let writer = try JSONWriter(to: .file(folder.path + "/a.json"))
    let outcome = try await pipeline.run(
      Fakes.items(["1.jpg", "bad.jpg", "2.jpg"]), into: writer, reporter: &reporter)
    #expect(outcome == .init(writtenCount: 1, failureCount: 1, isComplete: false))
    #expect(try folder.files().isEmpty)
  }

  @Test func cancellationLeavesNothingHalfWritten() async throws {
    let folder = try ScratchFolder()
    let detected = DispatchSemaphore(value: 0)
    let cancelled = DispatchSemaphore(value: 0)
    let pipeline = pipeline(
      FakeDetector(onDetect: { image in
        guard image.width == 2 else { return }
        detected.signal()
        cancelled.wait()
      }))
    let path = folder.path + "/a.json"
    let work = Task.detached {
      var reporter = Fakes.reporter()
      let writer = try COCOWriter(to: .file(path), labels: ["cat", "dog"])
      return try await pipeline.run(Fakes.items(["1.jpg", "2.jpg", "3.jpg"]), into: writer, reporter: &reporter)
    }
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        detected.wait()
        work.cancel()
        cancelled.signal()
        continuation.resume()
      }
    }
    await #expect(throws: CancellationError.self) { try await work.value }
    #expect(try folder.files().isEmpty)
  }

  @Test func anOutputThatFailsEndsTheRun() async throws {
    let writer = try JSONLinesWriter(to: .file("/dev/full"))
    var reporter = Fakes.reporter()
    do {
      _ = try await pipeline().run(Fakes.items(["1.jpg", "2.jpg"]), into: writer, reporter: &reporter)
      Issue.record("a full disk went unnoticed")
    } catch {
      #expect(error as? AnnotationError == .output(path: "/dev/full", reason: "No space left on device"))
    }
  }

  @Test func aFailedOverlayFailsItsPicture() async throws {
    let log = Log()
    var pipeline = pipeline()
    pipeline.drawOverlay = { _, detections, name, path in
      if name == "2.jpg" { throw FakeError(description: "\(path): cannot draw \(detections.count)") }
    }
    var reporter = Fakes.reporter()
    let outcome = try await pipeline.run(
      Fakes.items(["1.jpg", "2.jpg", "3.jpg"]), into: LogWriter(log: log), reporter: &reporter)
    #expect(log.all == ["1.jpg 1 1", "2.jpg: /pictures/2.jpg: cannot draw 1", "3.jpg 3 1", "finished"])
    #expect(outcome.failureCount == 1)
  }

  @Test func noInputsFinishTheDocument() async throws {
    let log = Log()
    var reporter = Fakes.reporter()
    let outcome = try await pipeline().run([], into: LogWriter(log: log), reporter: &reporter)
    #expect(log.all == ["finished"])
    #expect(outcome == .init(writtenCount: 0, failureCount: 0, isComplete: true))
  }
}

/// A number and the most it has been.
private final class Counter: Sendable {
  private let state = Mutex((now: 0, most: 0))

  var most: Int { state.withLock { $0.most } }

  func add(_ amount: Int) {
    state.withLock {
      $0.now += amount
      $0.most = max($0.most, $0.now)
    }
  }
}
