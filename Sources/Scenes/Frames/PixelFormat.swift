/// The format of the pixels in a buffer, with 8 bits per sample.
public enum PixelFormat: String, Sendable, Hashable, Codable, CaseIterable {
  /// Red, green, blue: 3 bytes per pixel.
  case rgb
  /// Blue, green, red: 3 bytes per pixel, the order of OpenCV.
  case bgr
  /// Red, green, blue, alpha: 4 bytes per pixel. Alpha is ignored.
  case rgba
  /// Blue, green, red, alpha: 4 bytes per pixel, the order of screens and Core Video. Alpha is ignored.
  case bgra
  /// Grey: 1 byte per pixel, which becomes the red, green and blue sample.
  case gray
  /// A luma plane with 1 byte per pixel and a chroma plane of half the width and height with alternating Cb and Cr, the
  /// usual output of cameras and video decoders. Width and height must be even.
  case nv12

  /// The number of bytes per pixel; for `nv12` that of the luma plane.
  public var bytesPerPixel: Int {
    switch self {
    case .rgb, .bgr: 3
    case .rgba, .bgra: 4
    case .gray, .nv12: 1
    }
  }
}

/// The colour encoding of luma and chroma: the standard's weights of red, green and blue, and the range of the samples.
///
/// With the wrong encoding, colours or contrast are slightly wrong. Detectors tolerate that; comparisons of bytes do
/// not.
public enum YCbCrEncoding: String, Sendable, Hashable, Codable, CaseIterable {
  /// ITU-R BT.601, luma 16 to 235: standard-definition video and most webcams. OpenCV's `COLOR_YUV2RGB_NV12` assumes
  /// it.
  case bt601 = "bt601"
  /// ITU-R BT.601, luma 0 to 255: JPEG and motion JPEG.
  case bt601FullRange = "bt601-full-range"
  /// ITU-R BT.709, luma 16 to 235: high-definition video.
  case bt709 = "bt709"
  /// ITU-R BT.709, luma 0 to 255: phones and screen recordings.
  case bt709FullRange = "bt709-full-range"
}
