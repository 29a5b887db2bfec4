@_exported import Networks
@_exported import Tensor
