/// How far a value may lie from its reference: by the larger of the two bounds. Docs/numerics.md gives the reason for each
/// of these; `Scripts/check-tolerances.sh` compares the names.
package struct Tolerance: Sendable {
  /// Units in the last place of the reference, rounded to a Float.
  package let ulps: Double
  /// Part of the reference's magnitude: the sum of the absolute values of what was added up, where that is given, and
  /// the absolute value of the reference otherwise.
  package let relative: Double

  package init(ulps: Double = 0, relative: Double = 0) {
    self.ulps = ulps
    self.relative = relative
  }

  /// Not one bit, the sign of zero aside.
  package static let exact = Tolerance()
  /// A convolution of random operands by the implicit product, of the sum of the absolute products.
  package static let implicitConvolution = Tolerance(relative: 5e-7)
  /// The same by Winograd's F(4×4, 3×3), whose transforms multiply the rounding errors by about ten.
  package static let winogradConvolution = Tolerance(relative: 4e-6)
  /// The same by F(6×6, 3×3), whose points ±1/2 and ±2 lie further apart.
  package static let largeWinogradConvolution = Tolerance(relative: 1e-5)
  /// A matrix product of random operands, of the sum of the absolute products.
  package static let matrixProduct = Tolerance(relative: 5e-7)
  /// `sigmoid(x)` and `silu(x)` for `x` in -87...87: the polynomial, the reduction of the range by one fused
  /// multiply-add with ln 2 rounded, and the reciprocal.
  package static let sigmoid = Tolerance(ulps: 7)
  /// Activations of a sum that is exact: SiLU's polynomial, or the rounded sixth of the hard sigmoid; where a residual
  /// is added after it, of the larger of the two.
  package static let activation = Tolerance(ulps: 7, relative: 3e-7)
  /// The softmax: the C library's exponential of a rounded difference of up to 40, the sum and the quotient.
  package static let softmax = Tolerance(relative: 5e-6)
  /// RoIAlign of values up to 1, absolute: positions are computed in single precision.
  package static let roiAlign = 4e-6
  /// The mean of a million values of 0.1, absolute.
  package static let largeAverage: Float = 1e-6
  /// SiLU of int8 and bfloat16 convolutions on AVX-512 with BF16 and VNNI: an exponential within 8e-5, and a reciprocal
  /// within 2^-14 of its value.
  package static let coarseSilu = Tolerance(relative: 1.5e-4)
}

extension Tolerance {
  /// Operators compared with torchvision's.
  package enum Torchvision {
    /// RoIAlign of values up to 1: the weights are divided by four before the sum.
    package static let roiAlign: Float = 2e-6
    /// RoIAlign of bfloat16 maps, relative to the value: 8 significant bits.
    package static let roiAlignOfBFloat16: Float = 1 / 256
    /// Boxes decoded from deltas, relative for values above 1: one rounding of each operation.
    package static let decodedBox: Float = 1e-6
  }

  /// YOLOv5 compared with PyTorch's.
  package enum YOLOv5 {
    /// Centres and sizes of the slim model, relative to the box's longer side or to 1 pixel: rounding through 60 layers,
    /// against outputs in double precision.
    package static let box: Float = 4e-5
    /// Objectness and class scores of the slim model.
    package static let score: Float = 8e-6
    /// Boxes of the slim model's detections, in pixels: the above for boxes of up to 100 pixels.
    package static let detectedBox: Float = 4e-3
    /// Scores of the slim model's detections: as above, and the recorded ones are rounded to 5 digits.
    package static let detectedScore: Float = 2e-5
    /// Anchors of a checkpoint in half precision, relative.
    package static let halfAnchor: Float = 1 / 2048
    /// Anchors of a checkpoint in single precision, relative.
    package static let anchor: Float = 1e-5
    /// Centres and sizes with official weights; both sides are in single precision.
    package static let officialBox: Float = 1e-4
    /// Scores with official weights.
    package static let officialScore: Float = 4e-5
    /// Boxes of detections in photographs, in pixels: decoding, resizing and suppression too.
    package static let photographBox: Float = 0.1
    /// Scores of detections in photographs.
    package static let photographScore: Float = 0.001
  }

  /// Mask R-CNN compared with torchvision's.
  package enum MaskRCNN {
    /// The pyramid's values, which reach 25, and logits: sums in another order.
    package static let activation: Float = 1e-4
    /// Boxes inside the network and of detections, in pixels.
    package static let box: Float = 0.01
    /// Scores.
    package static let score: Float = 1e-4
    /// The least intersection over union of masks: probabilities at the threshold fall on either side.
    package static let maskIoU = 0.99
    /// Boxes of detections in photographs, in pixels.
    package static let photographBox: Float = 0.05
    /// Scores of detections in photographs.
    package static let photographScore: Float = 0.001
    /// The area of masks in photographs: of this many pixels, or one in a hundred.
    package static let photographArea = 2
  }

  /// Embedded networks, compared with PyTorch's and torchvision's.
  package enum Embedded {
    /// Boxes, in pixels.
    package static let box: Float = 0.5
    /// Scores.
    package static let score: Float = 0.002
  }

  /// Detections of a lower precision, compared with float32.
  package enum LowerPrecision {
    /// The limits of a range of int8, in steps: rounding to a byte.
    package static let step: Float = 0.501
    /// Boxes of YOLOv5 in bfloat16, in pixels.
    package static let yolov5BFloat16Box: Float = 2
    /// Scores of YOLOv5 in bfloat16.
    package static let yolov5BFloat16Score: Float = 0.03
    /// Boxes of YOLOv5 in int8, in pixels.
    package static let yolov5Int8Box: Float = 6
    /// Scores of YOLOv5 in int8.
    package static let yolov5Int8Score: Float = 0.15
    /// Boxes of Mask R-CNN in bfloat16, in pixels.
    package static let maskRCNNBFloat16Box: Float = 3
    /// Scores of Mask R-CNN in bfloat16.
    package static let maskRCNNBFloat16Score: Float = 0.15
  }

  /// Circles, in pixels of the searched image.
  package enum Circles {
    /// Centres and radii compared with OpenCV's, recorded with four decimals.
    package static let openCV: Float = 0.001
    /// The centre of a drawn disc: a cell of the accumulator.
    package static let centre: Float = 0.5
    /// The radius of a drawn disc.
    package static let radius: Float = 1
    /// The centre of half a disc.
    package static let halfCentre: Float = 1.5
    /// The score of half a disc relative to that of a whole one: a sector at the cut counts or not.
    package static let halfScore: Float = 0.1
    /// The centre of a disc in a reduced copy.
    package static let reducedCentre: Float = 1
    /// The radius of a disc in a reduced copy.
    package static let reducedRadius: Float = 1.5
    /// What the command writes of a drawn disc.
    package static let command = 1.5
    /// Centres and radii among several discs.
    package static let several: Float = 2
  }

  /// Images and files.
  package enum Files {
    /// A pixel of a JPEG file that is decoded at a part of its size, of 255, from the mean of the full image.
    package static let reducedJPEG = 2.0
    /// A pixel of noise after compression at quality 100, of 255.
    package static let bestJPEG = 6
    /// The mean of one photograph in several orientations, on blocks of 50×50, of 255.
    package static let orientedJPEG = 3.0
    /// A pixel of frames of video, of 255: OpenCV's constants for luma and chroma have three decimals.
    package static let frame = 1
    /// A ring's pixel on an overlay, of 255: rounding to a byte.
    package static let ring = 0.501
    /// A box that passed through a coordinate map and back, in pixels.
    package static let coordinateMap: Float = 0.001
    /// What a polygon of a circle lacks, in pixels.
    package static let sagitta = 0.25
    /// The edges of a polygon of a circle, in pixels: two decimals.
    package static let polygonEdge = 0.0051
    /// The edges of COCO boxes at the border, in pixels: sums of decimal numbers.
    package static let cocoEdge = 1e-9
    /// A number with three decimals: half a unit of the last.
    package static let threeDecimals = 0.000_500_000_1
  }
}
