// Frames of 1280x720 in every pixel format give the detections of a file with the same image. Beside the array of
// detections a frame takes less than 4 KB from the allocator, and no piece of it takes more; Mask R-CNN and circles take
// what Docs/architecture.md says. Then YOLOv5 and circles look at frames together, and two formats are written in one pass:
// frames.json and the folder frames.
//
//   frames PHOTO [COUNT [WEIGHTS]]

import AllocationCount
import Annotate
import Glibc

/// The image in a buffer of that format, rows padded to a multiple of 64 bytes.
func frame(_ image: Image, _ format: PixelFormat) throws -> (bytes: [UInt8], layout: FrameLayout) {
  let (width, height) = (image.width, image.height)
  let layout = FrameLayout(
    format, width: width, height: height, stride: (width * format.bytesPerPixel + 63) / 64 * 64)
  var bytes = [UInt8](repeating: 0, count: try layout.byteCount())
  func sample(_ x: Int, _ y: Int, _ channel: Int) -> UInt8 { image.pixels[(y * width + x) * 3 + channel] }
  func weighted(_ x: Int, _ y: Int, _ weights: (Double, Double, Double), _ offset: Double) -> UInt8 {
    let sum =
      weights.0 * Double(sample(x, y, 0)) + weights.1 * Double(sample(x, y, 1)) + weights.2 * Double(sample(x, y, 2))
    return UInt8(max(0, min(255, (sum + offset).rounded())))
  }
  for y in 0..<height {
    for x in 0..<width {
      let first = y * layout.stride + x * format.bytesPerPixel
      switch format {
      case .rgb, .rgba: for channel in 0..<3 { bytes[first + channel] = sample(x, y, channel) }
      case .bgr, .bgra: for channel in 0..<3 { bytes[first + channel] = sample(x, y, 2 - channel) }
      case .gray: bytes[first] = weighted(x, y, (0.299, 0.587, 0.114), 0)
      case .nv12:
        bytes[first] = weighted(x, y, (0.257, 0.504, 0.098), 16)
        guard x.isMultiple(of: 2), y.isMultiple(of: 2) else { continue }
        let chroma = (height + y / 2) * layout.stride + x
        bytes[chroma] = weighted(x, y, (-0.148, -0.291, 0.439), 128)
        bytes[chroma + 1] = weighted(x, y, (0.439, -0.368, -0.071), 128)
      }
    }
  }
  return (bytes, layout)
}

/// The image in a larger one, grey around it.
func padded(_ image: Image, width: Int, height: Int) throws -> Image {
  var pixels = [UInt8](repeating: 114, count: width * height * 3)
  for y in 0..<min(height, image.height) {
    for sample in 0..<min(width, image.width) * 3 {
      pixels[y * width * 3 + sample] = image.pixels[y * image.width * 3 + sample]
    }
  }
  return try Image(width: width, height: height, pixels: pixels)
}

func fail(_ reason: String) -> Never {
  print("frames: \(reason)")
  exit(1)
}

let arguments = CommandLine.arguments
guard arguments.count > 1 else { fail("name a photograph") }
let count = arguments.count > 2 ? Int(arguments[2]) ?? 300 : 300
let detector = try arguments.count > 3 ? YOLOv5(weights: arguments[3]) : YOLOv5()
let photo = try padded(ImageFile.decode(path: arguments[1]), width: 1280, height: 720)

for format in PixelFormat.allCases {
  let (bytes, layout) = try frame(photo, format)
  var image = try Image(copying: bytes, layout: layout)
  try ImageFile.write(image, to: "frame.png")
  let expected = try detector.detect(ImageFile.decode(path: "frame.png"))
  guard !expected.isEmpty else { fail("\(format): nothing is found in the file") }
  if format != .gray && format != .nv12 && image != photo { fail("\(format): the image is another") }

  var most = AllocationCount()
  let start = ContinuousClock.now
  for number in 0..<count {
    allocation_count_begin()
    try image.copy(bytes, layout: layout)
    let found = try detector.detect(image)
    let allocations = allocation_count_end()
    guard found == expected else { fail("\(format): frame \(number) gives other detections than the file") }
    // The first takes what later ones use again.
    if number > 0 && allocations.bytes > most.bytes { most = allocations }
  }
  let milliseconds = (start.duration(to: .now) / .milliseconds(1) / Double(count) * 10).rounded() / 10
  let answer = expected.count * MemoryLayout<Detection>.stride
  let besides = most.bytes - answer
  print(
    "\(format): \(count) frames as the file, \(milliseconds) ms a frame; \(expected.count) detections of \(answer) bytes, "
      + "besides at most \(besides) bytes in \(most.count - 1) allocations, the largest of all \(most.largest)")
  if besides > 4096 || most.largest > 4096 { fail("\(format): a frame takes more than 4096 bytes") }
}

/// Prints what a second detection takes from the allocator, beside the array of detections and their masks.
func expectSecondDetection<D: Detector>(_ name: String, _ detector: D, atMost limit: Int) throws {
  _ = try detector.detect(photo)
  allocation_count_begin()
  let found = try detector.detect(photo)
  let allocations = allocation_count_end()
  print(
    "\(name): a second detection of \(photo.width)x\(photo.height) with \(found.count) detections takes "
      + "\(allocations.bytes) bytes in \(allocations.count) allocations, the largest of all \(allocations.largest)")
  if allocations.bytes > limit { fail("\(name): a second detection takes more than \(limit) bytes") }
}

try expectSecondDetection("Mask R-CNN", MaskRCNN(), atMost: 16 << 20)
try expectSecondDetection("circles", CircleDetector(), atMost: 4 << 20)

let circles = try CircleDetector(label: "round thing")
let circleOptions = CircleDetector.Options(minDistance: 40, minRadius: 20, confidence: 0.6)
let combined = try CombinedDetector(
  [.init(detector), .init(circles, options: circleOptions)],
  overlaps: .merge(OverlapRule(overlap: 0.6, by: .smallerArea)))
guard combined.labels == detector.labels + ["round thing"] else { fail("the labels are \(combined.labels)") }

let (bytes, layout) = try frame(photo, .nv12)
var image = try Image(copying: bytes, layout: layout)
var coco = try AnnotationFormat.coco.writer(to: .file("frames.json"), labels: combined.labels)
var yolo = try AnnotationFormat.yolo.writer(to: .folder("frames"), labels: combined.labels)
for number in 0..<5 {
  try image.copy(bytes, layout: layout)
  let annotated = try AnnotatedImage(
    name: "\(number).jpg", width: image.width, height: image.height, detections: combined.detect(image))
  guard Set(annotated.detections.map { $0.label == "round thing" }).count == 2 else {
    fail("one of the detectors finds nothing")
  }
  try coco.write(annotated)
  try yolo.write(annotated)
}
// Put together by hand, both lists count from 0.
let mixed = try AnnotatedImage(
  name: "mixed.jpg", width: image.width, height: image.height,
  detections: circles.detect(image, options: circleOptions))
do throws(AnnotationError) {
  try coco.write(mixed)
  fail("a label that is not the one of its number is written")
} catch {
  print("refused: \(error)")
}
try coco.finish()
try yolo.finish()
