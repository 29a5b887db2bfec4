// Stands in for parts written elsewhere; deleted when they arrive.
import Networks
import Tensor

public struct StubError: Error, CustomStringConvertible {
  public let description: String
}

public struct ImageFileError: Error, CustomStringConvertible {
  public let description: String
}

public struct DecodingOptions: Sendable {
  public var pixelLimit = 200_000_000
  public init() {}
}

public enum ImageFile {
  public static func decode(path: String, options: DecodingOptions = .init()) throws(ImageFileError) -> Image {
    throw ImageFileError(description: "\(path): no codec yet")
  }
  public static func write(_ image: Image, to path: String) throws(ImageFileError) {
    throw ImageFileError(description: "\(path): no codec yet")
  }
}

public struct Overlay: Sendable {
  public init() {}
  public func draw(_ detections: [Detection], on image: inout Image) {}
}

public struct Engine: Sendable {
  public init(threads: Int? = nil) throws {}
}

public struct YOLOv5: Detector {
  public struct Options: Sendable {
    public var confidence: Float = 0.25
    public var iou: Float = 0.45
    public var maxDetections = 1000
    public var size = 640
    public var square = false
    public var multiLabel = false
    public var agnostic = false
    public var classes: Set<Int>?
    public init() {}
  }
  public let labels: [String] = []
  public init(weights path: String, engine: Engine) throws {
    throw StubError(description: "\(path): no networks yet")
  }
  public func detect(_ image: Image, options: Options) throws -> [Detection] { [] }
  public static func convert(from input: String, to output: String) throws {
    throw StubError(description: "\(input): no networks yet")
  }
  public static func summary(of path: String) throws -> String {
    throw StubError(description: "\(path): no networks yet")
  }
}

public struct KernelReport: Sendable {
  public static func text() throws -> String { throw StubError(description: "no kernels yet") }
}
