@_exported import Circles
@_exported import Codecs
@_exported import Datasets
@_exported import Drawing
@_exported import Networks
@_exported import Scenes
@_exported import Tensor
