import Kernels

// What modules above hand to the kernels of `Workspace.kernels` as a whole.
package typealias EdgeMark = Kernels.EdgeMark
package typealias GradientRows = Kernels.GradientRows
package typealias RadiusBins = Kernels.RadiusBins
