"""What a YOLOv5 is trained to say, from the published description.

An object belongs to every anchor whose sides differ from its own by less than a factor of four, in the cell of its
centre and in the two cells next to the centre. There the box is to agree (CIoU), the objectness is to be the box's IoU,
and the class is to be the object's; elsewhere the objectness is to be 0.
"""

import math

import torch
from torch.nn import functional

LARGEST_RATIO = 4.0
# The maps of small objects have the most cells.
BALANCE = (4.0, 1.0, 0.4)
BOX, OBJECTNESS, CLASS = 1.0, 6.0, 2.0


def ciou(a, b):
    """Complete IoU of boxes given as centre and size, `[N, 4]`; also the plain IoU."""
    a1, a2 = a[:, :2] - a[:, 2:] / 2, a[:, :2] + a[:, 2:] / 2
    b1, b2 = b[:, :2] - b[:, 2:] / 2, b[:, :2] + b[:, 2:] / 2
    inner = (torch.minimum(a2, b2) - torch.maximum(a1, b1)).clamp(min=0).prod(1)
    iou = inner / (a[:, 2:].prod(1) + b[:, 2:].prod(1) - inner + 1e-7)
    diagonal = (torch.maximum(a2, b2) - torch.minimum(a1, b1)).pow(2).sum(1) + 1e-7
    distance = (a[:, :2] - b[:, :2]).pow(2).sum(1)
    shape = 4 / math.pi**2 * (torch.atan(b[:, 2] / b[:, 3]) - torch.atan(a[:, 2] / (a[:, 3] + 1e-7))).pow(2)
    with torch.no_grad():
        weight = shape / (1 - iou + shape + 1e-7)
    return iou - distance / diagonal - weight * shape, iou


def matched(targets, anchors, height, width):
    """Which predictions of a level answer for which objects.

    `targets` are rows of picture, class, x, y, w, h in cells. Returns picture, anchor, row, column, class and box.
    """
    ratio = targets[None, :, 4:6] / anchors[:, None]
    fits = torch.maximum(ratio, 1 / ratio).amax(2) < LARGEST_RATIO
    anchor, index = fits.nonzero(as_tuple=True)
    rows = targets[index]
    centre = rows[:, 2:4]
    cell = centre.floor().long()
    # The neighbour to the left where the centre is in the left half of its cell, else the one to the right.
    side = torch.where(centre - cell < 0.5, -1, 1)
    zero = torch.zeros_like(side[:, :1])
    cells = torch.cat((cell, cell + torch.cat((side[:, :1], zero), 1), cell + torch.cat((zero, side[:, 1:]), 1)))
    rows, anchor = rows.repeat(3, 1), anchor.repeat(3)
    inside = (cells >= 0).all(1) & (cells[:, 0] < width) & (cells[:, 1] < height)
    cells, rows, anchor = cells[inside], rows[inside], anchor[inside]
    return rows[:, 0].long(), anchor, cells[:, 1], cells[:, 0], rows[:, 1].long(), rows[:, 2:6]


def loss(outputs, targets, anchors, strides):
    """`targets` are rows of picture, class, x, y, w, h in pixels of the input. Returns the loss and its three parts."""
    parts = torch.zeros(3)
    for level, output in enumerate(outputs):
        height, width = output.shape[2:4]
        scaled = torch.cat((targets[:, :2], targets[:, 2:] / strides[level]), 1)
        picture, anchor, row, column, label, box = matched(scaled, anchors[level], height, width)
        wanted = torch.zeros(output.shape[:4])
        if len(picture):
            chosen = output[picture, anchor, row, column]
            t = chosen[:, :4].sigmoid()
            centre = t[:, :2] * 2 - 0.5 + torch.stack((column, row), 1)
            size = (t[:, 2:] * 2) ** 2 * anchors[level][anchor]
            complete, iou = ciou(torch.cat((centre, size), 1), box)
            parts[0] = parts[0] + BOX * (1 - complete).mean()
            iou = iou.detach().clamp(0, 1)
            order = iou.argsort()  # where two objects want one cell, the better answer counts
            wanted[picture[order], anchor[order], row[order], column[order]] = iou[order]
            classes = functional.one_hot(label, output.shape[4] - 5).float()
            parts[2] = parts[2] + CLASS * functional.binary_cross_entropy_with_logits(chosen[:, 5:], classes)
        objectness = functional.binary_cross_entropy_with_logits(output[..., 4], wanted)
        parts[1] = parts[1] + OBJECTNESS * BALANCE[level] * objectness
    return parts.sum(), parts.detach()
