// Frames of 1280x720 in every pixel format give the detections of a file with the same picture. Beside the array of
// detections a frame takes less than 4 KB from the allocator, and no piece of it takes more.
//
//   frames PHOTO [COUNT [WEIGHTS]]

import AllocationCount
import Annotate
import Glibc

/// The picture in a buffer of that format, rows padded to a multiple of 64 bytes.
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
      case .grey: bytes[first] = weighted(x, y, (0.299, 0.587, 0.114), 0)
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

func fail(_ reason: String) -> Never {
  print("frames: \(reason)")
  exit(1)
}

let arguments = CommandLine.arguments
guard arguments.count > 1 else { fail("name a photograph") }
let count = arguments.count > 2 ? Int(arguments[2]) ?? 300 : 300
let detector = try arguments.count > 3 ? YOLOv5(weights: arguments[3]) : YOLOv5()
let photo = try ImageFile.decode(path: arguments[1]).resized(width: 1280, height: 720, engine: Engine())

for format in PixelFormat.allCases {
  let (bytes, layout) = try frame(photo, format)
  var image = try Image(copying: bytes, layout: layout)
  try ImageFile.write(image, to: "frame.png")
  let expected = try detector.detect(ImageFile.decode(path: "frame.png"))
  guard !expected.isEmpty else { fail("\(format): nothing is found in the file") }
  if format != .grey && format != .nv12 && image != photo { fail("\(format): the picture is another") }

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
