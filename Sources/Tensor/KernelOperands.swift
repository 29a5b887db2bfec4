import Kernels

// Operands that other modules pass to the kernels of `Workspace.kernels`.
package typealias EdgeMark = Kernels.EdgeMark
package typealias GradientRows = Kernels.GradientRows
package typealias RadiusBins = Kernels.RadiusBins
