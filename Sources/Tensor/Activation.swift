import Kernels

/// The function applied to the sum and bias of a convolution or a fully connected layer: `none`, `relu`, or `silu`.
public typealias Activation = Kernels.Activation
