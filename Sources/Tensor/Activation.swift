import Kernels

/// What follows the sum and the bias of a convolution or a matrix product: `none`, `relu`, `silu`.
public typealias Activation = Kernels.Activation
