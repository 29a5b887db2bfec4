@_exported import Circles
@_exported import Networks
@_exported import Tensor
