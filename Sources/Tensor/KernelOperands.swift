import Kernels

// Tables of kernels, and the operands that other modules pass to them.
package typealias CircleKernels = Kernels.CircleKernels
package typealias CountRadiiOperands = Kernels.CountRadiiOperands
package typealias EdgeMark = Kernels.EdgeMark
package typealias GradientRows = Kernels.GradientRows
package typealias ImageKernels = Kernels.ImageKernels
package typealias MapKernels = Kernels.MapKernels
package typealias MedianRowOperands = Kernels.MedianRowOperands
package typealias RadiusBins = Kernels.RadiusBins
package typealias ReducedPrecisionKernels = Kernels.ReducedPrecisionKernels
package typealias ResizeRowOperands = Kernels.ResizeRowOperands
package typealias SmoothColumnsOperands = Kernels.SmoothColumnsOperands
package typealias SmoothRowOperands = Kernels.SmoothRowOperands
package typealias SobelRowOperands = Kernels.SobelRowOperands
package typealias StandardizeOperands = Kernels.StandardizeOperands
package typealias ThinEdgesOperands = Kernels.ThinEdgesOperands
