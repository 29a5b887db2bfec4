// Exported, so that other modules can have it as a default argument.
@_exported import enum Kernels.Activation

/// The function applied to the sum and bias of a convolution or a fully connected layer: `none`, `relu`, `silu`,
/// `relu6`, `hardswish` or `hardsigmoid`.
public typealias Activation = Kernels.Activation
