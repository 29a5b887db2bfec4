"""torchvision's Mask R-CNN, second version, with a slim backbone, a slim pyramid and slim heads.

The classes are torchvision's own, so are the names of the tensors.
"""

from torch import nn
from torchvision.models.detection import MaskRCNN, faster_rcnn, mask_rcnn, rpn
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.resnet import Bottleneck, ResNet
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

STEM, PLANES, BLOCKS = 24, (16, 32, 64, 96), (2, 2, 3, 2)
CHANNELS = 64
BOX_CONVOLUTIONS, BOX_FEATURES = [64, 64], [128]
MASK_CONVOLUTIONS, MASK_CHANNELS = (64, 64, 64), 48
ANCHORS_A_PIXEL = 3

# The picture's shorter side inside the network, and the most of the longer.
MIN_SIZE, MAX_SIZE = 640, 1000


class SlimResNet(ResNet):
    """A residual network of bottlenecks with other numbers of channels and blocks than ResNet-50."""

    def __init__(self):
        nn.Module.__init__(self)
        self._norm_layer, self.inplanes, self.dilation = nn.BatchNorm2d, STEM, 1
        self.groups, self.base_width = 1, 64
        self.conv1 = nn.Conv2d(3, STEM, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(STEM)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        for stage, (planes, blocks) in enumerate(zip(PLANES, BLOCKS), 1):
            setattr(self, f"layer{stage}", self._make_layer(Bottleneck, planes, blocks, stride=1 if stage == 1 else 2))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def build(classes, **settings):
    """A model for that many classes, the background included; `settings` are torchvision's."""
    backbone = BackboneWithFPN(
        SlimResNet(), {f"layer{k + 1}": str(k) for k in range(4)}, [4 * planes for planes in PLANES], CHANNELS,
        extra_blocks=LastLevelMaxPool(), norm_layer=nn.BatchNorm2d)
    settings = {"min_size": MIN_SIZE, "max_size": MAX_SIZE, **settings}
    return MaskRCNN(
        backbone,
        rpn_head=rpn.RPNHead(CHANNELS, ANCHORS_A_PIXEL, conv_depth=1),
        box_head=faster_rcnn.FastRCNNConvFCHead((CHANNELS, 7, 7), BOX_CONVOLUTIONS, BOX_FEATURES, nn.BatchNorm2d),
        box_predictor=faster_rcnn.FastRCNNPredictor(BOX_FEATURES[-1], classes),
        mask_head=mask_rcnn.MaskRCNNHeads(CHANNELS, MASK_CONVOLUTIONS, 1, nn.BatchNorm2d),
        mask_predictor=mask_rcnn.MaskRCNNPredictor(MASK_CONVOLUTIONS[-1], MASK_CHANNELS, classes), **settings)
