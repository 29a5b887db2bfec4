"""Makes `yolov5_slim_wrapped.pt` out of `yolov5_slim_fp32.pt`: what `torch.save` writes of a model of torch.hub.

    python3 make_yolov5_wrapped.py

Needs what make_yolov5_slim.py needs. As in release 7.0 the network lies in `DetectMultiBackend` in `AutoShape`, its
normalizations are fused into the convolutions, whose `forward` is the bound method `forward_fuse`, and an inference has
left tensors that are expanded by strides of 0 in the head.
"""

import sys

import torch
from torch import nn

import make_yolov5_slim as slim


class AutoShape(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.conf = 0.25
        self.pt = True
        self.model = model


class DetectMultiBackend(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model
        self.names = model.names
        self.device = torch.device("cpu")
        # `self.__dict__.update(locals())`
        self.__dict__["self"] = self
        self.__dict__["model"] = model


def fuse(block):
    """`fuse_conv_and_bn` of the repository, in double precision."""
    convolution, normalization = block.conv, block.bn
    scale = normalization.weight.double() / (normalization.running_var.double() + normalization.eps).sqrt()
    bias = normalization.bias.double() - normalization.running_mean.double() * scale
    convolution.weight = nn.Parameter((convolution.weight.double() * scale.view(-1, 1, 1, 1)).float(), False)
    convolution.bias = nn.Parameter(bias.float(), False)
    del block.bn
    block.forward = block.forward_fuse


def main():
    slim.register("DetectionModel")
    common = sys.modules["models.common"]
    for cls in (AutoShape, DetectMultiBackend):
        cls.__module__ = "models.common"
        setattr(common, cls.__name__, cls)
    common.Conv.forward_fuse = lambda block, x: block.act(block.conv(x))
    common.Conv.forward_fuse.__name__ = "forward_fuse"

    network = torch.load(slim.HERE / "yolov5_slim_fp32.pt")["model"]
    for module in list(network.modules()):
        if isinstance(module, common.Conv):
            fuse(module)
    head = network.model[-1]
    head.anchor_grid = [
        (head.anchors[level] * head.stride[level]).view(1, 3, 1, 1, 2).expand(1, 3, 80, 80, 2) for level in range(3)]
    wrapped = AutoShape(DetectMultiBackend(network))
    for module in wrapped.modules():
        for name in slim.UNNEEDED:
            module.__dict__.pop(name, None)
    path = slim.HERE / "yolov5_slim_wrapped.pt"
    torch.save(wrapped, path)
    print(path.name, path.stat().st_size)
    assert path.stat().st_size < 100_000


if __name__ == "__main__":
    main()
