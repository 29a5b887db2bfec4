import Dispatch
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Annotate

@Suite struct PipelineTests {
  @Test func resultsKeepTheOrderOfTheInputs() async throws {
    var pipeline = Fakes.pipeline()
    pipeline.decode = { path in
      usleep(UInt32.random(in: 0...3000))
      return try Fakes.decode(path)
    }
    let log = Log()
    let names = (20..<60).map { "\($0).jpg" }
    let summary = try await pipeline.run(Fakes.items(names), into: [LogWriter(log: log)])
    #expect(log.all == (20..<60).map { "\($0).jpg \($0) 1" } + ["finished"])
    #expect(summary == .init(writtenCount: 40, failureCount: 0, isComplete: true))
  }

  @Test func oneBadFileDoesNotStopTheRest() async throws {
    let (log, events) = (Log(), Log())
    var items = Fakes.items(["1.jpg", "bad.jpg", "13.jpg", "99.jpg", "2.jpg"])
    items.insert(.init(input: .failure(name: "gone.jpg", reason: "gone.jpg: No such file or directory")), at: 1)
    let summary = try await Fakes.pipeline(events).run(items, into: [LogWriter(log: log)])
    #expect(
      log.all == [
        "1.jpg 1 1", "gone.jpg: gone.jpg: No such file or directory", "bad.jpg: /pictures/bad.jpg: no number",
        "13.jpg: /pictures/13.jpg: width 13 is unlucky", "99.jpg: /pictures/99.jpg: not in this format", "2.jpg 2 1",
        "finished",
      ])
    #expect(summary == .init(writtenCount: 2, failureCount: 4, isComplete: true))
    #expect(
      events.all == [
        "started 6", "1.jpg 1 1", "failed gone.jpg: gone.jpg: No such file or directory",
        "failed bad.jpg: /pictures/bad.jpg: no number", "failed 13.jpg: /pictures/13.jpg: width 13 is unlucky",
        "failed 99.jpg: /pictures/99.jpg: not in this format", "2.jpg 2 1",
      ])
  }

  @Test func aPictureKeepsItsNumber() async throws {
    let memory = MemoryOutput()
    let items = [("1.jpg", 7), ("2.jpg", 3)].map { name, id in
      Pipeline.Item(input: .image(name: name, path: "/pictures/" + name), id: id)
    }
    let writer = try AnnotationFormat.coco.writer(to: .memory(memory), labels: ["cat", "dog"])
    _ = try await Fakes.pipeline().run(items, into: [writer])
    #expect(memory.text?.contains(#"{"id": 7, "width": 1, "height": 1, "file_name": "1.jpg"}"#) == true)
    #expect(memory.text?.contains(#"{"id": 3, "width": 2, "height": 1, "file_name": "2.jpg"}"#) == true)
  }

  @Test func theWritersNotesAreToldAtTheEnd() async throws {
    let events = Log()
    let writers = [
      LogWriter(log: Log(), notes: ["2 masks lost", "1 box lost"]), LogWriter(log: Log(), notes: ["a name changed"]),
    ]
    _ = try await Fakes.pipeline(events).run(Fakes.items(["1.jpg"]), into: writers)
    #expect(
      events.all == ["started 1", "1.jpg 1 1", "note 2 masks lost", "note 1 box lost", "note a name changed"])
  }

  @Test func noMoreThanTheBoundIsDecodedAhead() async throws {
    let alive = Counter()
    var pipeline = Fakes.pipeline(
      detector: FakeDetector(onDetect: { _ in
        usleep(2000)
        alive.add(-1)
      }))
    pipeline.decode = { path in
      alive.add(1)
      return try Fakes.decode(path)
    }
    let names = (100..<160).map { "\($0).jpg" }
    _ = try await pipeline.run(Fakes.items(names), into: [LogWriter(log: Log())])
    #expect(alive.most <= pipeline.lookahead + 1)
    #expect(alive.most >= 2)
  }

  @Test(.enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1, "needs two processors"))
  func decodingGoesOnDuringDetection() async throws {
    let secondDecoded = DispatchSemaphore(value: 0)
    let overlapped = Log()
    var pipeline = Fakes.pipeline(
      detector: FakeDetector(onDetect: { image in
        guard image.width == 1 else { return }
        overlapped.append(secondDecoded.wait(timeout: .now() + 10) == .success ? "overlapped" : "timed out")
      }))
    pipeline.decode = { path in
      if path.hasSuffix("/2.jpg") { secondDecoded.signal() }
      return try Fakes.decode(path)
    }
    _ = try await pipeline.run(Fakes.items(["1.jpg", "2.jpg"]), into: [LogWriter(log: Log())])
    #expect(overlapped.all == ["overlapped"])
  }

  @Test func theFirstFailureStopsOnRequestAndDiscardsTheDocument() async throws {
    let folder = try ScratchFolder()
    var pipeline = Fakes.pipeline()
    pipeline.stopsAtFirstFailure = true
    let summary = try await pipeline.run(
      Fakes.items(["1.jpg", "bad.jpg", "2.jpg"]), into: [JSONWriter(to: .file(folder.path + "/a.json"))])
    #expect(summary == .init(writtenCount: 1, failureCount: 1, isComplete: false))
    #expect(try folder.files().isEmpty)
  }

  @Test func cancellationLeavesNothingHalfWritten() async throws {
    let folder = try ScratchFolder()
    let detected = DispatchSemaphore(value: 0)
    let cancelled = DispatchSemaphore(value: 0)
    let pipeline = Fakes.pipeline(
      detector: FakeDetector(onDetect: { image in
        guard image.width == 2 else { return }
        detected.signal()
        cancelled.wait()
      }))
    let path = folder.path + "/a.json"
    let work = Task.detached {
      let writer = try COCOWriter(to: .file(path), labels: ["cat", "dog"])
      return try await pipeline.run(Fakes.items(["1.jpg", "2.jpg", "3.jpg"]), into: [writer])
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

  @Test func aDetectorThatWasCancelledEndsTheRunAndFailsNoPicture() async throws {
    let (log, events) = (Log(), Log())
    let detector = FakeDetector(onDetect: { image in
      if image.width == 2 { throw CancellationError() }
    })
    await #expect(throws: CancellationError.self) {
      try await Fakes.pipeline(events, detector: detector).run(
        Fakes.items(["1.jpg", "2.jpg", "3.jpg"]), into: [LogWriter(log: log)])
    }
    #expect(log.all == ["1.jpg 1 1"])
    #expect(events.all == ["started 3", "1.jpg 1 1"])
  }

  @Test func anOutputThatFailsEndsTheRun() async throws {
    let writer = try JSONLinesWriter(to: .file("/dev/full"))
    do {
      _ = try await Fakes.pipeline().run(Fakes.items(["1.jpg", "2.jpg"]), into: [writer])
      Issue.record("a full disk went unnoticed")
    } catch {
      #expect(error as? AnnotationError == .output(path: "/dev/full", reason: "No space left on device"))
    }
  }

  @Test func aFailedOverlayFailsItsPicture() async throws {
    let folder = try ScratchFolder()
    // Where the overlay of 2.jpg belongs.
    try folder.write(to: "drawn/2.jpg/taken")
    let log = Log()
    var pipeline = Fakes.pipeline()
    pipeline.overlay = try OverlayFolder(path: folder.path + "/drawn")
    let summary = try await pipeline.run(
      Fakes.items(["1.jpg", "2.jpg", "3.jpg"]), into: [LogWriter(log: log)])
    let reason = "cannot write its overlay \(folder.path)/drawn/2.jpg: Is a directory"
    #expect(log.all == ["1.jpg 1 1", "2.jpg: /pictures/2.jpg: \(reason)", "3.jpg 3 1", "finished"])
    #expect(summary.failureCount == 1)
    #expect(try folder.files() == ["drawn/1.jpg", "drawn/2.jpg/taken", "drawn/3.jpg"])
  }

  @Test func aPictureWithoutAnnotationsGetsNoOverlay() async throws {
    let folder = try ScratchFolder()
    var pipeline = Fakes.pipeline()
    pipeline.overlay = try OverlayFolder(path: folder.path)
    let names = ["1.jpg", "13.jpg", "99.jpg", "bad.jpg"]
    let summary = try await pipeline.run(Fakes.items(names), into: [LogWriter(log: Log())])
    #expect(summary == .init(writtenCount: 1, failureCount: 3, isComplete: true))
    #expect(try folder.files() == ["1.jpg"])
  }

  /// A refusal is one writer's; the others hold the picture and record no failure.
  @Test func whatOneFormatRefusesTheOthersHold() async throws {
    let (lines, labels, events) = (MemoryOutput(), MemoryOutput(), Log())
    let writers = try [(AnnotationFormat.jsonl, lines), (.yolo, labels)].map { format, memory in
      try format.writer(to: .memory(memory), labels: ["cat", "dog"])
    }
    let summary = try await Fakes.pipeline(events).run(Fakes.items(["1.jpg", "1.png", "bad.jpg"]), into: writers)
    #expect(summary == .init(writtenCount: 1, failureCount: 2, isComplete: true))
    let reason = "/pictures/1.png: its annotations would replace those of another image, labels/1.txt"
    #expect(events.all.contains("failed 1.png: \(reason)"))
    let images = try #require(lines.text).split(separator: "\n").map { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    }
    #expect(images.map { $0?["image"] as? String } == ["1.jpg", "1.png", "bad.jpg"])
    #expect(images.map { $0?["error"] == nil } == [true, true, false])
    #expect(labels.files.keys.filter { $0.hasPrefix("labels/") } == ["labels/1.txt"])
  }

  @Test func noInputsFinishTheDocument() async throws {
    let log = Log()
    let summary = try await Fakes.pipeline().run([], into: [LogWriter(log: log)])
    #expect(log.all == ["finished"])
    #expect(summary == .init(writtenCount: 0, failureCount: 0, isComplete: true))
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
