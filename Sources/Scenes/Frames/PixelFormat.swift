/// How the pixels of a buffer are stored, 8 bits a sample.
public enum PixelFormat: String, Sendable, Hashable, Codable, CaseIterable {
  /// Red, green, blue: 3 bytes a pixel.
  case rgb
  /// Blue, green, red: 3 bytes a pixel, as OpenCV has them.
  case bgr
  /// Red, green, blue, alpha: 4 bytes a pixel. Alpha is passed over.
  case rgba
  /// Blue, green, red, alpha: 4 bytes a pixel, as screens and Core Video have them. Alpha is passed over.
  case bgra
  /// One luminance a pixel: 1 byte. Red, green and blue become equal to it.
  case grey
  /// A plane of luma, 1 byte a pixel, and a plane of chroma at half the width and height, Cb and Cr in turns: what
  /// cameras and video decoders give. Width and height are even.
  case nv12

  /// Bytes of one pixel in a row; of the luma for `nv12`.
  public var bytesPerPixel: Int {
    switch self {
    case .rgb, .bgr: 3
    case .rgba, .bgra: 4
    case .grey, .nv12: 1
    }
  }
}

/// How luma and chroma become red, green and blue: the primaries' weights, and the range of the samples.
///
/// An image of the wrong one is a little off in colour or contrast; detectors bear it, comparisons to the byte do not.
public enum YCbCrEncoding: String, Sendable, Hashable, Codable, CaseIterable {
  /// ITU-R BT.601, luma 16 to 235: standard-definition video, most webcams; what OpenCV's `COLOR_YUV2RGB_NV12` takes for
  /// granted.
  case bt601 = "bt601"
  /// ITU-R BT.601, luma 0 to 255: JPEG and motion JPEG.
  case bt601FullRange = "bt601-full-range"
  /// ITU-R BT.709, luma 16 to 235: high-definition video.
  case bt709 = "bt709"
  /// ITU-R BT.709, luma 0 to 255: phones and screen recordings.
  case bt709FullRange = "bt709-full-range"
}
